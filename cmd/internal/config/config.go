// Package config is where settings come from: flags, CCL_… environment
// variables and a file, in this order of precedence. It is the only user of
// viper.
package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// Config is every setting of the program.
type Config struct {
	Backend  string   `mapstructure:"backend"`   // netns or clab
	StateDir string   `mapstructure:"state-dir"` // labs and databases of this host
	Results  string   `mapstructure:"results"`   // sqlite:PATH or a path
	Out      string   `mapstructure:"out"`       // reports and evidence
	LogLevel string   `mapstructure:"log-level"`
	Temporal Temporal `mapstructure:"temporal"`
	UI       UI       `mapstructure:"ui"`
	// MetricsAddress is host:port for Prometheus; none if empty. Like the
	// customers' UI it is set only for commands that serve it.
	MetricsAddress string `mapstructure:"metrics-address"`
	// Credentials are logins by name, only from the file. Their names travel,
	// their passwords never do.
	Credentials map[string]Credential `mapstructure:"credentials"`
	// Notify are webhooks by name, only from the file. Like passwords, their
	// URLs do not travel.
	Notify map[string]Webhook `mapstructure:"notify"`
}

// Temporal says which cluster to use. Without an address the program brings
// its own.
type Temporal struct {
	Address   string `mapstructure:"address"` // host:port; empty: embedded
	Namespace string `mapstructure:"namespace"`
	APIKey    string `mapstructure:"api-key"`
	TLS       TLS    `mapstructure:"tls"`
}

// TLS are the files of a secured connection.
type TLS struct {
	Enabled    bool   `mapstructure:"enabled"`
	CA         string `mapstructure:"ca"`
	Cert       string `mapstructure:"cert"`
	Key        string `mapstructure:"key"`
	ServerName string `mapstructure:"server-name"`
}

// UI is the Temporal Web UI of the embedded server.
type UI struct {
	Address string `mapstructure:"address"` // host:port; empty: 127.0.0.1:8233, or a free port
	// CustomerAddress is the host:port of a second, read-only UI; empty: there
	// is none. It is set only for a command with the flag --customer-ui-address,
	// so that no other opens the port in passing.
	CustomerAddress string `mapstructure:"customer-address"`
}

// Credential is one login.
type Credential struct {
	User     string `mapstructure:"user"`
	Password string `mapstructure:"password"`
}

// Webhook is where notices of nightly runs go.
type Webhook struct {
	URL    string `mapstructure:"url"`
	Format string `mapstructure:"format"` // empty, or adaptive-card
}

// keys joins flag names to settings. The environment variable is the key in
// capitals with CCL_ before it: CCL_TEMPORAL_ADDRESS.
var keys = map[string]string{
	"backend":              "backend",
	"state-dir":            "state-dir",
	"results":              "results",
	"out":                  "out",
	"log-level":            "log-level",
	"temporal-address":     "temporal.address",
	"temporal-namespace":   "temporal.namespace",
	"temporal-api-key":     "temporal.api-key",
	"temporal-tls":         "temporal.tls.enabled",
	"temporal-tls-ca":      "temporal.tls.ca",
	"temporal-tls-cert":    "temporal.tls.cert",
	"temporal-tls-key":     "temporal.tls.key",
	"temporal-server-name": "temporal.tls.server-name",
	"ui-address":           "ui.address",
}

// Flags adds the settings that are flags of every command. stateDir is where
// this host's labs are when nothing else is said.
func Flags(f *pflag.FlagSet, stateDir string) {
	f.String("config", "", "settings `file` (default ccl.yaml here, or in the user's configuration folder)")
	f.String("backend", "netns", "what labs run on: netns or clab")
	f.String("state-dir", stateDir, "`folder` of this host's labs and databases")
	f.String("results", "", "results store (default results.db in the state folder)")
	f.String("out", "out", "`folder` for reports and evidence")
	f.String("log-level", "error", "debug, info, warn or error")
	f.String("temporal-address", "", "`host:port` of a Temporal cluster (default: one of our own)")
	f.String("temporal-namespace", "default", "Temporal namespace")
	f.String("temporal-api-key", "", "API key of the cluster; better given as CCL_TEMPORAL_API_KEY")
	f.Bool("temporal-tls", false, "connect with TLS")
	f.String("temporal-tls-ca", "", "CA certificate `file`")
	f.String("temporal-tls-cert", "", "client certificate `file`")
	f.String("temporal-tls-key", "", "client key `file`")
	f.String("temporal-server-name", "", "name the cluster's certificate must carry")
	f.String("ui-address", "", "`host:port` of the Temporal Web UI (default 127.0.0.1:8233 or a free port)")
}

// Flags of settings that open a port, which only commands that serve it for
// long have.
const (
	customerFlag = "customer-ui-address"
	metricsFlag  = "metrics-address"
)

// served are the settings of those flags, and what unsets each.
var served = map[string]struct {
	key   string
	unset func(*Config)
}{
	customerFlag: {"ui.customer-address", func(c *Config) { c.UI.CustomerAddress = "" }},
	metricsFlag:  {"metrics-address", func(c *Config) { c.MetricsAddress = "" }},
}

// CustomerFlag adds the setting of the read-only UI to a command that serves
// it.
func CustomerFlag(f *pflag.FlagSet) {
	f.String(customerFlag, "", "`host:port` of a second Web UI for customers, in which nothing can be changed")
}

// MetricsFlag adds the setting of Prometheus's port to a command that runs
// traffic.
func MetricsFlag(f *pflag.FlagSet) {
	f.String(metricsFlag, "", "`host:port` on which Prometheus finds the counters of running traffic")
}

// Load reads the settings after f has been parsed. An unknown key in the file
// is an error.
func Load(f *pflag.FlagSet) (*Config, error) {
	v := viper.New()
	v.SetEnvPrefix("CCL")
	v.SetEnvKeyReplacer(strings.NewReplacer(".", "_", "-", "_"))
	for flag, key := range keys {
		pf := f.Lookup(flag)
		if pf == nil {
			return nil, fmt.Errorf("setting %s has no flag", key)
		}
		if err := errors.Join(v.BindPFlag(key, pf), v.BindEnv(key)); err != nil {
			return nil, err
		}
	}
	for flag, s := range served {
		if pf := f.Lookup(flag); pf != nil {
			if err := errors.Join(v.BindPFlag(s.key, pf), v.BindEnv(s.key)); err != nil {
				return nil, err
			}
		}
	}
	if err := readFile(v, f); err != nil {
		return nil, err
	}
	var c Config
	if err := v.UnmarshalExact(&c); err != nil {
		return nil, fmt.Errorf("%s: %w", v.ConfigFileUsed(), err)
	}
	for flag, s := range served {
		if f.Lookup(flag) == nil {
			s.unset(&c)
		}
	}
	if c.Results == "" {
		c.Results = filepath.Join(c.StateDir, "results.db")
	}
	return &c, nil
}

func readFile(v *viper.Viper, f *pflag.FlagSet) error {
	file, _ := f.GetString("config")
	if file == "" {
		file = os.Getenv("CCL_CONFIG")
	}
	if file == "" {
		file = usualFile()
	}
	if file == "" {
		return nil
	}
	v.SetConfigFile(file)
	if err := v.ReadInConfig(); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// usualFile is the first settings file in the usual places, empty if there is
// none. viper's own search would also take the program itself, a file called
// ccl, for one.
func usualFile() string {
	places := []string{"ccl.yaml"}
	if dir, err := os.UserConfigDir(); err == nil {
		places = append(places, filepath.Join(dir, "ccl", "ccl.yaml"))
	}
	for _, file := range places {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return file
		}
	}
	return ""
}
