package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A customerUI is a Web UI in which nothing can be changed, for those who may
// look but not touch. A UI server whose write actions are off listens on
// loopback; in front of it, on the customer's address, stands a gate that lets
// only reads through, and only those of one namespace.
type customerUI struct {
	ui   *webUI
	gate *http.Server
	done chan struct{}
}

// startCustomerUI serves it at an address, with the UI server behind it at
// another, and returns when both answer.
func startCustomerUI(ctx context.Context, at, behind hostPort, frontend, namespace string) (*customerUI, error) {
	config := uiConfig(behind, frontend, namespace)
	config.DisableWriteActions = true
	ui, err := startUI(ctx, behind, config)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", at.String())
	if err != nil {
		ui.stop()
		return nil, err
	}
	c := &customerUI{ui: ui, done: make(chan struct{}), gate: &http.Server{
		Handler:           gate(namespace, &url.URL{Scheme: "http", Host: behind.String()}),
		ReadHeaderTimeout: 10 * time.Second,
	}}
	go func() {
		defer close(c.done)
		_ = c.gate.Serve(l) // ends with stop
	}()
	return c, nil
}

func (c *customerUI) stop() error {
	err := c.gate.Close()
	<-c.done
	c.ui.stop()
	return err
}

// gate lets reads through to a UI server and refuses the rest. The UI server
// refuses writes too, but takes any path with "/query/" in it for a query,
// also that of a signal which is named so.
func gate(namespace string, behind *url.URL) http.Handler {
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(behind)
			r.Out.Host = r.In.Host // what the UI server compares an origin with
			r.Out.Header.Del("X-HTTP-Method-Override")
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			if !errors.Is(err, context.Canceled) {
				http.Error(w, "the Temporal Web UI does not answer", http.StatusBadGateway)
			}
		},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /start", startPage(namespace))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/start", http.StatusFound)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := strings.Split(r.URL.EscapedPath(), "/"); {
		case !isRead(r.Method, path):
			refuse(w, http.StatusMethodNotAllowed, "this view is read-only")
		case !inNamespace(path, namespace):
			refuse(w, http.StatusForbidden, fmt.Sprintf("this view shows the namespace %s only", namespace))
		case r.URL.Path == "/" || r.URL.Path == "/start":
			mux.ServeHTTP(w, r)
		default:
			proxy.ServeHTTP(w, r)
		}
	})
}

func refuse(w http.ResponseWriter, code int, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	fmt.Fprintf(w, "{\"message\": %q}\n", why)
}

// apiPath is how the paths of the API begin, split at the slashes.
var apiPath = []string{"", "api", "v1", "namespaces"}

// isRead tells reads by the method and the path, split at its slashes while it
// is still escaped. The one POST that changes nothing is the query of a
// workflow: /api/v1/namespaces/NS/workflows/ID/query/TYPE.
func isRead(method string, path []string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	case http.MethodPost:
		return len(path) == 9 && slices.Equal(path[:4], apiPath) && path[5] == "workflows" && path[7] == "query" &&
			plain(path[4]) && plain(path[6]) && plain(path[8])
	}
	return false
}

// plain says that a part of a path is a name, and no way to another part.
func plain(part string) bool { return part != "" && part != "." && part != ".." }

// inNamespace says that a path of the API asks for nothing of a namespace but
// the one given.
func inNamespace(path []string, namespace string) bool {
	if len(path) < 5 || !slices.Equal(path[:4], apiPath) || path[4] == "" {
		return true
	}
	name, err := url.PathUnescape(path[4])
	return err == nil && name == namespace
}
