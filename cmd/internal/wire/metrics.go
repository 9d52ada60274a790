package wire

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/ccl-lab/ccl/cmd/internal/config"
	"github.com/ccl-lab/ccl/trafficgen/metrics"
)

// ServeMetrics serves a generator's counters under /metrics, at the address
// that the settings name, until it is told to stop. Without an address it
// serves nothing.
func ServeMetrics(c *config.Config, w *metrics.Watched) (stop func() error, err error) {
	if c.MetricsAddress == "" {
		return func() error { return nil }, nil
	}
	listener, err := net.Listen("tcp", c.MetricsAddress)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", w.Handler())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	return func() error {
		err := server.Close()
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}, nil
}
