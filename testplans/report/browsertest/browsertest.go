// Package browsertest opens pages in a headless Chromium, for tests of what a
// reader really sees.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

const (
	// lifetime bounds a test with a browser.
	lifetime = 4 * time.Minute
	// patience is how long a page has to show something.
	patience = time.Minute
	poll     = 100 * time.Millisecond
)

// A Tab is a page that is open.
type Tab struct {
	t   *testing.T
	ctx context.Context

	mu    sync.Mutex
	asked []string
}

// Open starts a browser that ends with the test. Without a Chromium the test is
// skipped, or fails where CI=true; untested says what is then not tested.
func Open(t *testing.T, untested string) *Tab {
	t.Helper()
	path := chromium()
	if path == "" {
		missing := "NOT TESTED: " + untested + ". There is no chromium here (apt-get install chromium)."
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1600, 1000),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
	)
	ctx, cancelTime := context.WithTimeout(context.Background(), lifetime)
	ctx, cancelBrowser := chromedp.NewExecAllocator(ctx, opts...)
	ctx, cancelTab := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("closing chromium: %v", err)
		}
		cancelTab()
		cancelBrowser()
		cancelTime()
	})
	tab := &Tab{t: t, ctx: ctx}
	tab.listen()
	return tab
}

func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// listen notes what the browser asks for.
func (b *Tab) listen() {
	b.t.Helper()
	err := chromedp.Listen(b.ctx, func(ev any) {
		if r, ok := ev.(*network.EventRequestWillBeSent); ok {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.asked = append(b.asked, r.Request.URL)
		}
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(call(network.Enable, network.EnableParams{}))
}

// call is an action of the DevTools protocol.
func call[P, R any](method cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, method, params)
		return err
	})
}

func (b *Tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// Go opens an address.
func (b *Tab) Go(address string) {
	b.t.Helper()
	b.do(chromedp.Navigate(address))
}

// Await waits until a selector's first element is there.
func (b *Tab) Await(selector string) {
	b.t.Helper()
	b.do(chromedp.WaitReady(selector))
}

// Asked returns the addresses that the browser has asked for since it began, or
// since they were last asked for.
func (b *Tab) Asked() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	asked := b.asked
	b.asked = nil
	return asked
}

// Size sets the viewport, in CSS pixels.
func (b *Tab) Size(width, height int64) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, height))
}

// Media makes the page believe in a medium ("" is the screen) and a colour
// scheme.
func (b *Tab) Media(medium, scheme string) {
	b.t.Helper()
	b.do(call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	}))
}

// Eval returns the value of a script.
func Eval[T any](b *Tab, script string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		b.t.Fatalf("%.60s: %v", script, err)
	}
	return v
}

// None fails the test if a script that lists complaints has any.
func (b *Tab) None(what, script string) {
	b.t.Helper()
	complaints := Eval[[]string](b, script)
	if len(complaints) > 12 {
		complaints = append(complaints[:12], fmt.Sprintf("and %d more", len(complaints)-12))
	}
	if len(complaints) > 0 {
		b.t.Errorf("%s:\n  %s", what, strings.Join(complaints, "\n  "))
	}
}

// pageText is what the page says, and the documents in its frames.
const pageText = `[document, ...[...document.querySelectorAll("iframe")].map(f => f.contentDocument)]
	.map(d => d?.body?.innerText ?? "").join("\n")`

// Text is what the page says, with its frames.
func (b *Tab) Text() string {
	b.t.Helper()
	return Eval[string](b, pageText)
}

// Shows waits until the page holds all the words, in whatever case it sets them.
func (b *Tab) Shows(words ...string) {
	b.t.Helper()
	var page string
	for deadline := time.Now().Add(patience); ; time.Sleep(poll) {
		page = strings.ToLower(b.Text())
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(page, strings.ToLower(w)) }) {
			return
		}
		if time.Now().After(deadline) {
			b.Picture("not-found")
			b.t.Fatalf("the page does not show all of %q:\n%.2000s", words, page)
		}
	}
}

// Until waits until a script's value is true.
func (b *Tab) Until(what, script string) {
	b.t.Helper()
	for deadline := time.Now().Add(patience); !Eval[bool](b, script); time.Sleep(poll) {
		if time.Now().After(deadline) {
			b.Picture("not-so")
			b.t.Fatalf("the page does not come to this: %s\n%.2000s", what, b.Text())
		}
	}
}

// Picture keeps what the page looks like, if CCL_TEST_PICTURES names a folder.
func (b *Tab) Picture(name string) {
	b.t.Helper()
	dir := os.Getenv("CCL_TEST_PICTURES")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
