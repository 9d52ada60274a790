package cli

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"
)

func TestSplit(t *testing.T) {
	cases := map[string]line{
		"show version":                         {words: []string{"show", "version"}},
		"show version|match \"a | b\" | count": {words: []string{"show", "version"}, pipes: [][]string{{"match", "a | b"}, {"count"}}},
		`commit comment "say \"hi\""`:          {words: []string{"commit", "comment", `say "hi"`}},
		`x ""`:                                 {words: []string{"x", ""}},
		"":                                     {},
		"show |":                               {words: []string{"show"}, pipes: [][]string{nil}},
		`open "to the end`:                     {words: []string{"open", "to the end"}},
	}
	for text, want := range cases {
		if diff := cmp.Diff(want.words, split(text).words, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: words %s", text, diff)
		}
		if diff := cmp.Diff(want.pipes, split(text).pipes, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: pipes %s", text, diff)
		}
	}
}

func TestPipes(t *testing.T) {
	const text = "alpha\nbeta\nGamma\ndelta\n"
	cases := map[string]string{
		"match a$":             "alpha\nbeta\nGamma\ndelta\n",
		"match ^g":             "Gamma\n",
		"except eta":           "alpha\nGamma\ndelta\n",
		"count":                "Count: 4 lines\n",
		"match zzz | count":    "Count: 0 lines\n",
		"last 1":               "delta\n",
		"first 2 | last 1":     "beta\n",
		"find gam":             "Gamma\ndelta\n",
		"trim 3":               "ha\na\nma\nta\n",
		"no-more":              text,
		"match zzz":            "",
		"match a | except z|c": "", // "c" is no pipe on its own
	}
	for pipes, want := range cases {
		p, err := parsePipes(split("show | " + pipes).pipes)
		if strings.HasSuffix(pipes, "|c") {
			var syntax *grammar.SyntaxError
			if !errors.As(err, &syntax) {
				t.Errorf("%s: want a syntax error, got %v", pipes, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", pipes, err)
			continue
		}
		if got := p.apply(text); got != want {
			t.Errorf("%s: got %q, want %q", pipes, got, want)
		}
	}
}

func TestPipeMistakes(t *testing.T) {
	for _, pipes := range []string{"", "flux", "match", "match a b", "match (", "display flux", "last x", "compare x"} {
		var syntax *grammar.SyntaxError
		if _, err := parsePipes(split("show | " + pipes).pipes); !errors.As(err, &syntax) {
			t.Errorf("%q: want a syntax error, got %v", pipes, err)
		}
	}
}

func TestExecLines(t *testing.T) {
	got := commands("show version; show \"a;b\"\nshow route")
	if want := []string{"show version", ` show "a;b"`, "show route"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEditor(t *testing.T) {
	cases := map[string]struct {
		typed string
		want  []string // "^C" and "^D" for a line given up and the end
	}{
		"plain":            {"one\rtwo\n", []string{"one", "two"}},
		"line ends":        {"one\r\ntwo\r\n", []string{"one", "two"}},
		"backspace":        {"onx\x7fe\r", []string{"one"}},
		"too many":         {"\x08\x08one\r", []string{"one"}},
		"kill line":        {"junk\x15one\r", []string{"one"}},
		"kill word":        {"one two \x17three\r", []string{"one three"}},
		"interrupt":        {"junk\x03one\r", []string{"^C", "one"}},
		"end":              {"\x04", []string{"^D"}},
		"history":          {"one\rtwo\r\x1b[A\x1b[A\r", []string{"one", "two", "one"}},
		"history and back": {"one\r\x1b[A\x1b[Bx\r", []string{"one", "x"}},
		"arrows":           {"ac\x1b[Db\x1b[C\x1bODd\r", []string{"abdc"}},
		"home and end":     {"b\x01a\x05c\x1b[Hx\x1b[Fy\x1bOHz\x1b[4~!\r", []string{"zxabcy!"}},
		"delete":           {"abc\x01\x04\x1b[3~\r", []string{"c"}},
		"kill the rest":    {"one two\x02\x02\x0b\r", []string{"one t"}},
		"by words":         {"one two three\x1bb\x1b[1;5D\x17\x1bfx\x1bd\r", []string{"twox"}},
		"other keys":       {"a\x1b[15~\x1b[200~b\x1bOPc\x1bx\r", []string{"abc"}},
		"characters":       {"gr\xc3\xbcn\x02\x7f\r", []string{"grn"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := &editor{keys: newKeyboard(strings.NewReader(c.typed)), out: io.Discard, echo: true}
			for _, want := range c.want {
				got, err := e.read("> ")
				switch {
				case errors.Is(err, errInterrupted):
					got = "^C"
				case errors.Is(err, io.EOF):
					got = "^D"
				case err != nil:
					t.Fatal(err)
				}
				if got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}
		})
	}
}

// TestInterruptRunsNow: Ctrl-C is acted upon while nobody reads a line, and
// what was typed before it is forgotten.
func TestInterruptRunsNow(t *testing.T) {
	in, out := io.Pipe()
	k := newKeyboard(in)
	interrupted := make(chan struct{})
	k.onInterrupt(func() { close(interrupted) })
	if _, err := out.Write([]byte("typed\x03")); err != nil {
		t.Fatal(err)
	}
	<-interrupted
	k.onInterrupt(nil)
	if _, err := out.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if c, err := k.next(); err != nil || c != 'x' {
		t.Errorf("next is %q, %v", c, err)
	}
	_ = out.Close()
}

// FuzzLine: no line makes the splitter, the pipes or the shell's own commands
// panic.
func FuzzLine(f *testing.F) {
	f.Add(`show version | match "a b" | last 3`)
	f.Add(`set cli screen-width 5`)
	f.Add("show configuration \\ \" | display xml | compare rollback 1")
	f.Fuzz(func(t *testing.T, text string) {
		l := split(text)
		if p, err := parsePipes(l.pipes); err == nil {
			p.apply(text)
		}
		_, _, err := setCLI(l.words)
		if err != nil {
			Message(err, text, 10)
		}
		showConfiguration(l.words)
		commands(text)
		_, _ = verbOf(strings.TrimSpace(text))
	})
}

// FuzzEditor: whatever the keys, the cursor stays in the line, and what is read
// has no control characters in it.
func FuzzEditor(f *testing.F) {
	f.Add("sh ver\x01\x06\x1b[D\x17\x1b[3~x\r")
	f.Add("gr\xc3\xbc\x02\x7fn ?\t \x0b\x10\x0e\r")
	f.Add("\xff\xfe\x1b[1;5C\x1bb\x1bd\x18\x04")
	f.Fuzz(func(t *testing.T, typed string) {
		if len(typed) > 1<<12 {
			return // more of the same
		}
		e := &editor{
			keys: newKeyboard(strings.NewReader(typed)), out: io.Discard, echo: true,
			help:     func(string) string { return "help" },
			complete: func(string) string { return "complete" },
			space:    func(typed string) (string, string) { return "", typed[:min(1, len(typed))] },
		}
		for {
			line, err := e.read("> ")
			if e.at < 0 || e.at > len(e.line) {
				t.Fatalf("the cursor is at %d of %q", e.at, e.line)
			}
			if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' }) {
				t.Errorf("read %q", line)
			}
			if err != nil && !errors.Is(err, errInterrupted) {
				return
			}
		}
	})
}
