package server_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write the golden files anew")

// varying is what differs from run to run: moments, revisions, session numbers.
var varying = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [A-Z]+`), "DATE TIME"},
	{regexp.MustCompile(`at \d\d:\d\d [A-Z]+`), "at TIME"},
	{regexp.MustCompile(`(seconds=")\d+"`), `${1}SECONDS"`},
	{regexp.MustCompile(`re0-\d+-`), "re0-SECONDS-"},
	{regexp.MustCompile(`(<age[^>]*>)[^<]*`), "${1}AGE"},
}

func steady(text string) string {
	for _, v := range varying {
		text = v.pattern.ReplaceAllString(text, v.instead)
	}
	return text
}

// TestConversations holds whole NETCONF conversations against golden files: in
// each, "request" files are sent in order and "reply" files follow them.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/netconf/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r := newRig(t, part(archive, "startup"))
			c := r.raw()
			var held []txtar.File
			for i, f := range archive.Files {
				switch f.Name {
				case "startup":
					held = append(held, f)
				case "request":
					c.send(string(f.Data))
					got := steady(c.receive()) + "\n"
					held = append(held, f, txtar.File{Name: "reply", Data: []byte(got)})
					if want := following(archive, i); !*update && want != got {
						t.Errorf("%s(-want +got):\n%s", f.Data, cmp.Diff(want, got))
					}
				}
			}
			if *update {
				archive.Files = held
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestTerminal types whole sessions on a terminal: what is typed and what the
// screen shows after.
func TestTerminal(t *testing.T) {
	files, err := filepath.Glob("testdata/terminal/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sessions: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r := newRig(t, part(archive, "startup"))
			got := steady(r.terminal(part(archive, "typed")))
			if *update {
				archive.Files = append(archive.Files[:2:2], txtar.File{Name: "screen", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(part(archive, "screen"), got); diff != "" {
				t.Errorf("screen (-want +got):\n%s", diff)
			}
		})
	}
}

func part(a *txtar.Archive, name string) string {
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// following is the reply after the request at index i.
func following(a *txtar.Archive, i int) string {
	if i+1 < len(a.Files) && a.Files[i+1].Name == "reply" {
		return string(a.Files[i+1].Data)
	}
	return ""
}
