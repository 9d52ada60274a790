package netconf

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestChunks(t *testing.T) {
	cases := map[string]struct {
		stream string
		want   []string
		end    error
	}{
		"the RFC's":         {"\n#4\n<rpc\n#18\n message-id=\"102\"\n\n#3\n/>\n\n##\n", []string{"<rpc message-id=\"102\"\n/>\n"}, io.EOF},
		"two":               {chunks("<a/>") + chunks("<b/>"), []string{"<a/>", "<b/>"}, io.EOF},
		"line ends between": {"\n" + chunks("<a/>") + "\n\n" + chunks("<b/>"), []string{"<a/>", "<b/>"}, io.EOF},
		"a marker inside":   {chunks("]]>]]>\n##\n"), []string{"]]>]]>\n##\n"}, io.EOF},
		"cut":               {"\n#4\n<a", nil, io.ErrUnexpectedEOF},
		"cut before end":    {"\n#4\n<a/>\n", nil, io.ErrUnexpectedEOF},
		"no chunks":         {"<a/>]]>]]>", nil, errFraming},
		"empty message":     {"\n##\n", nil, errFraming},
		"size of zero":      {"\n#0\n\n##\n", nil, errFraming},
		"leading zero":      {"\n#04\n<a/>\n##\n", nil, errFraming},
		"no number":         {"\n#x\n", nil, errFraming},
		"endless number":    {"\n#" + strings.Repeat("9", 100), nil, errFraming},
		"more than is sent": {"\n#60000000\nx", nil, io.ErrUnexpectedEOF},
		"too long":          {"\n#4294967295\nx", nil, errTooLong},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			frames := newFrameReader(iotest.OneByteReader(strings.NewReader(c.stream)))
			frames.chunked = true
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

// FuzzChunks: whatever the stream, no message is longer than what came, and
// what is written in chunks is read back.
func FuzzChunks(f *testing.F) {
	f.Add([]byte(chunks("<a/>") + chunks("<b/>")))
	f.Add([]byte("\n#4\n<rpc\n#2\n/>\n##\n\n#1"))
	f.Add([]byte("\n#99999999\n"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		frames := newFrameReader(bytes.NewReader(stream))
		frames.chunked, frames.max = true, 1<<20
		total := 0
		for {
			message, err := frames.next()
			if err != nil {
				break
			}
			if total += len(message); total > len(stream) {
				t.Fatalf("%d bytes came out of %d", total, len(stream))
			}
		}
		if len(stream) == 0 {
			return
		}
		frames = newFrameReader(strings.NewReader(chunks(string(stream))))
		frames.chunked = true
		if back, err := frames.next(); err != nil || !bytes.Equal(back, stream) {
			t.Fatalf("%q came back as %q, %v", stream, back, err)
		}
	})
}
