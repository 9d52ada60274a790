package wire

import (
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/cmd/internal/config"
)

// Webhook looks a webhook up by name: in the environment
// (CCL_NOTIFY_NAME_URL, CCL_NOTIFY_NAME_FORMAT) and in the settings
// (notify.NAME). Errors do not show its URL.
func Webhook(c *config.Config, name string) (activities.Webhook, error) {
	variable := "CCL_NOTIFY_" + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(name))
	set := c.Notify[strings.ToLower(name)]
	hook := activities.Webhook{URL: set.URL, Format: set.Format}
	if address := os.Getenv(variable + "_URL"); address != "" {
		hook = activities.Webhook{URL: address, Format: os.Getenv(variable + "_FORMAT")}
	}
	if hook.URL == "" {
		return hook, fmt.Errorf("no webhook named %q: set %s_URL, or notify.%s.url in ccl.yaml", name, variable, name)
	}
	at, err := url.Parse(hook.URL)
	if err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" {
		return hook, fmt.Errorf("webhook %q: its URL is malformed, expected https://HOST/…", name)
	}
	if hook.Format != "" && hook.Format != activities.AdaptiveCard {
		return hook, fmt.Errorf("webhook %q: unknown format %q, expected none or %q", name, hook.Format, activities.AdaptiveCard)
	}
	return hook, nil
}
