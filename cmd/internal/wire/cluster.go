package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"

	"github.com/ccl-lab/ccl/cmd/internal/config"
	"github.com/ccl-lab/ccl/workflows"
)

// An Embedded is a Temporal server inside this process.
type Embedded struct {
	Frontend string // host:port for clients
	UI       string // URL of the Web UI
	// CustomerUI is the URL of the read-only Web UI, empty if there is none.
	CustomerUI string
	Failed     <-chan error // delivers if the server cannot go on
	Stop       func() error
}

// EmbeddedOptions say where the embedded server keeps its state and listens.
type EmbeddedOptions struct {
	DBFile    string
	Namespace string
	UIAddress string // host:port; empty: the usual one, or a free port
	// CustomerUIAddress is the host:port of the read-only UI; empty: none.
	CustomerUIAddress string
	Log               *slog.Logger
}

// StartServer starts the embedded server.
type StartServer func(context.Context, EmbeddedOptions) (*Embedded, error)

// A Cluster is a connection to Temporal: an outside cluster, the server of a
// running "ccl up", or one of our own.
type Cluster struct {
	Client client.Client
	UI     string    // URL of the Web UI, empty if not known
	Own    *Embedded // set if the server runs in this process
}

// Connect dials the cluster of the settings; without one, the server of a
// running "ccl up" on this host; without one, it starts its own.
func Connect(ctx context.Context, c *config.Config, start StartServer) (*Cluster, error) {
	if c.Temporal.Address != "" {
		return dialOutside(ctx, c)
	}
	if cluster, err := dialUp(ctx, c); err == nil {
		return cluster, nil
	}
	return ConnectOwn(ctx, c, filepath.Join(c.StateDir, "temporal.db"), start)
}

// ConnectOwn starts a server of our own on a database file.
func ConnectOwn(ctx context.Context, c *config.Config, dbFile string, start StartServer) (*Cluster, error) {
	if start == nil {
		return nil, errors.New("this build has no Temporal server; name one with --temporal-address")
	}
	if err := os.MkdirAll(filepath.Dir(dbFile), 0o700); err != nil {
		return nil, err
	}
	own, err := start(ctx, EmbeddedOptions{
		DBFile:            dbFile,
		Namespace:         c.Temporal.Namespace,
		UIAddress:         c.UI.Address,
		CustomerUIAddress: c.UI.CustomerAddress,
		Log:               slog.Default(),
	})
	if err != nil {
		return nil, err
	}
	cl, err := dial(ctx, client.Options{HostPort: own.Frontend, Namespace: c.Temporal.Namespace})
	if err != nil {
		return nil, errors.Join(err, own.Stop())
	}
	return &Cluster{Client: cl, UI: own.UI, Own: own}, nil
}

// Close disconnects, and stops the server if it is our own.
func (c *Cluster) Close() error {
	c.Client.Close()
	if c.Own != nil {
		return c.Own.Stop()
	}
	return nil
}

// dialOutside starts from the standard TEMPORAL_… variables and profiles and
// lets our own settings prevail.
func dialOutside(ctx context.Context, c *config.Config) (*Cluster, error) {
	o, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return nil, fmt.Errorf("TEMPORAL_… environment: %w", err)
	}
	o.HostPort = c.Temporal.Address
	if c.Temporal.Namespace != "" {
		o.Namespace = c.Temporal.Namespace
	}
	if c.Temporal.APIKey != "" {
		o.Credentials = client.NewAPIKeyStaticCredentials(c.Temporal.APIKey)
	}
	tls, err := tlsConfig(c.Temporal)
	if err != nil {
		return nil, err
	}
	if tls != nil {
		o.ConnectionOptions.TLS = tls
	}
	cl, err := dial(ctx, o)
	if err != nil {
		return nil, err
	}
	return &Cluster{Client: cl}, nil
}

func dial(ctx context.Context, o client.Options) (client.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	o.Logger = sdkLogger()
	if o.DataConverter == nil { // a profile may name its own
		o.DataConverter = workflows.DataConverter()
	}
	cl, err := client.DialContext(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("connect to Temporal at %s, namespace %s: %w", o.HostPort, o.Namespace, err)
	}
	return cl, nil
}

// An Up is what a running "ccl up" tells other commands about itself.
type Up struct {
	PID       int    `json:"pid"`
	PIDs      string `json:"pids,omitempty"` // PID namespace that PID belongs to
	Frontend  string `json:"frontend"`
	Namespace string `json:"namespace"`
	UI        string `json:"ui"`
}

func upFile(c *config.Config) string { return filepath.Join(c.StateDir, "up.json") }

// Announce leaves word of a running server for other commands; withdraw takes
// it back.
func Announce(c *config.Config, cluster *Cluster) (withdraw func() error, err error) {
	up := Up{PID: os.Getpid(), PIDs: pidSpace(), Namespace: c.Temporal.Namespace, UI: cluster.UI, Frontend: cluster.Own.Frontend}
	text, err := json.MarshalIndent(up, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(upFile(c), text, 0o600); err != nil {
		return nil, err
	}
	return func() error { return os.Remove(upFile(c)) }, nil
}

// dialUp fails if no "ccl up" runs here. The word it left may be stale, from a
// process that was killed: then nobody answers.
func dialUp(ctx context.Context, c *config.Config) (*Cluster, error) {
	text, err := os.ReadFile(upFile(c))
	if err != nil {
		return nil, err
	}
	var up Up
	if err := json.Unmarshal(text, &up); err != nil {
		return nil, err
	}
	if err := up.running(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	cl, err := dial(ctx, client.Options{HostPort: up.Frontend, Namespace: up.Namespace})
	if err != nil {
		return nil, err
	}
	return &Cluster{Client: cl, UI: up.UI}, nil
}
