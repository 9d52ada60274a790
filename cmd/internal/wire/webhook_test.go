package wire

import (
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/cmd/internal/config"
)

func TestWebhook(t *testing.T) {
	c := &config.Config{Notify: map[string]config.Webhook{
		"lab-chat": {URL: "https://file/secret", Format: activities.AdaptiveCard},
		"other":    {URL: "https://file/secret"},
		"bad":      {URL: "chat.example.net/secret"},
		"fax":      {URL: "https://file/secret", Format: "fax"},
	}}
	t.Setenv("CCL_NOTIFY_OTHER_URL", "https://env/secret")
	for name, want := range map[string]activities.Webhook{
		"lab-chat": {URL: "https://file/secret", Format: activities.AdaptiveCard},
		"Lab-Chat": {URL: "https://file/secret", Format: activities.AdaptiveCard},
		"other":    {URL: "https://env/secret"},
	} {
		if got, err := Webhook(c, name); err != nil || got != want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, want := range map[string]string{
		"night.shift": `CCL_NOTIFY_NIGHT_SHIFT_URL`,
		"bad":         "malformed",
		"fax":         `"adaptive-card"`,
	} {
		_, err := Webhook(c, name)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %q and no URL", name, err, want)
		}
	}
}
