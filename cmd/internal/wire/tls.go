package wire

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/ccl-lab/ccl/cmd/internal/config"
)

// tlsConfig is nil when the settings ask for no TLS.
func tlsConfig(c config.Temporal) (*tls.Config, error) {
	t := c.TLS
	if !t.Enabled && t.CA == "" && t.Cert == "" {
		return nil, nil
	}
	config := &tls.Config{ServerName: t.ServerName, MinVersion: tls.VersionTLS12}
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s: no PEM certificate in it", t.CA)
		}
	}
	if t.Cert != "" || t.Key != "" {
		pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, fmt.Errorf("client certificate: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}
