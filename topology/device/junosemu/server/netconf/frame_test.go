package netconf

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestFrames(t *testing.T) {
	cases := map[string]struct {
		stream string
		want   []string
		end    error
	}{
		"two":               {"<a/>]]>]]>\n<b/>]]>]]>", []string{"<a/>", "\n<b/>"}, io.EOF},
		"blank at the end":  {"<a/>]]>]]>\n \n", []string{"<a/>"}, io.EOF},
		"cut":               {"<a/>]]>]]><b", []string{"<a/>"}, io.ErrUnexpectedEOF},
		"nearly terminated": {"<a>]]>]]</a>]]>]]>", []string{"<a>]]>]]</a>"}, io.EOF},
		"empty":             {"]]>]]>", []string{""}, io.EOF},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			frames := newFrameReader(iotest.OneByteReader(strings.NewReader(c.stream)))
			for _, want := range c.want {
				got, err := frames.next()
				if err != nil || string(got) != want {
					t.Fatalf("got %q, %v; want %q", got, err, want)
				}
			}
			if _, err := frames.next(); !errors.Is(err, c.end) {
				t.Errorf("at the end: %v, want %v", err, c.end)
			}
		})
	}
}

func TestFrameTooLong(t *testing.T) {
	frames := newFrameReader(strings.NewReader(strings.Repeat("x", 200<<10)))
	frames.max = 100 << 10
	if _, err := frames.next(); !errors.Is(err, errTooLong) {
		t.Errorf("got %v, want %v", err, errTooLong)
	}
}

// FuzzFrames: whatever the stream, joining the frames gives it back.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("<a/>]]>]]>\n<b/>]]>]]>"))
	f.Add([]byte("]]>]]]]>]]>]]>]]>x"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		frames := newFrameReader(bytes.NewReader(stream))
		var joined []byte
		for {
			message, err := frames.next()
			if err != nil {
				break
			}
			if bytes.Contains(message, []byte(terminator)) {
				t.Fatalf("a terminator within %q", message)
			}
			joined = append(append(joined, message...), terminator...)
		}
		if !bytes.HasPrefix(stream, joined) {
			t.Fatalf("%q does not start with %q", stream, joined)
		}
		if rest := stream[len(joined):]; bytes.Contains(rest, []byte(terminator)) {
			t.Fatalf("a message was left in %q", rest)
		}
	})
}

// FuzzRequest: no message makes the parser panic, and what it echoes can be
// read back.
func FuzzRequest(f *testing.F) {
	f.Add([]byte(`<nc:rpc xmlns:nc="x" nc:message-id="1"><lock><target><candidate/></target></lock></nc:rpc>`))
	f.Add([]byte(`<rpc message-id="&quot;&lt;"><command>show version</command></rpc>`))
	f.Fuzz(func(t *testing.T, message []byte) {
		r, err := parseRequest(message)
		if err != nil {
			return
		}
		if _, err := parseRequest([]byte("<rpc" + r.attributes + "/>")); err != nil {
			t.Fatalf("attributes %q cannot be echoed: %v", r.attributes, err)
		}
	})
}
