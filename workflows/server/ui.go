package server

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/server_options"
)

// A webUI is a running Temporal Web UI.
type webUI struct {
	server *uiserver.Server
	done   chan struct{}
}

// startUI serves the Web UI at an address and returns when it answers.
func startUI(ctx context.Context, at hostPort, config *uiconfig.Config) (ui *webUI, err error) {
	// The UI server ends the process when its port is taken: look first.
	l, err := net.Listen("tcp", at.String())
	if err != nil {
		return nil, err
	}
	l.Close()

	defer func() {
		// So it does, with a panic, when it dislikes its configuration.
		if r := recover(); r != nil {
			ui, err = nil, fmt.Errorf("the Temporal Web UI: %v", r)
		}
	}()
	ui = &webUI{
		server: uiserver.NewServer(server_options.WithConfigProvider(config)),
		done:   make(chan struct{}),
	}
	go func() {
		defer close(ui.done)
		_ = ui.server.Start()
	}()
	if err := awaitHTTP(ctx, "http://"+at.String()+"/healthz"); err != nil {
		ui.stop()
		return nil, fmt.Errorf("the Temporal Web UI: %w", err)
	}
	return ui, nil
}

func (ui *webUI) stop() {
	ui.server.Stop()
	<-ui.done
}

func uiConfig(at hostPort, frontend, namespace string) *uiconfig.Config {
	return &uiconfig.Config{
		TemporalGRPCAddress: frontend,
		Host:                at.host,
		Port:                at.port,
		EnableUI:            true,
		DefaultNamespace:    namespace,
		DisableNewsFetch:    true, // call nobody
		NotifyOnNewVersion:  false,
		HideLogs:            true,
		CORS:                uiconfig.CORS{CookieInsecure: true}, // plain HTTP on loopback
	}
}

// awaitHTTP asks until the answer is 200.
func awaitHTTP(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("%s answers %s", url, resp.Status)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}
