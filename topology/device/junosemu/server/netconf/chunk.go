package netconf

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// errFraming is a stream that is not in the framing that was agreed: nothing
// after it can be understood.
var errFraming = errors.New("the message is not in chunks")

// maxChunkHeader is how long the number of a chunk's bytes may be: RFC 6242
// allows 4294967295.
const maxChunkHeader = len("4294967295")

// nextChunked reads a message in the framing of NETCONF 1.1 (RFC 6242, 4.2):
// chunks of "\n#BYTES\n" with that many bytes after it, and "\n##\n" at the end.
func (f *frameReader) nextChunked() ([]byte, error) {
	var message []byte
	for first := true; ; first = false {
		size, err := f.chunkHeader(first)
		switch {
		case err != nil:
			return nil, err
		case size < 0 && first:
			return nil, fmt.Errorf("%w: end of a message without chunks", errFraming)
		case size < 0:
			return message, nil
		case size > int64(f.max) || len(message)+int(size) > f.max:
			return nil, errTooLong
		}
		// Only what really comes takes memory, whatever the header says.
		var chunk strings.Builder
		if _, err := io.CopyN(&chunk, f.r, size); err != nil {
			return nil, unexpected(err)
		}
		message = append(message, chunk.String()...)
	}
}

// chunkHeader reads the header of a chunk and returns its size in bytes, or -1
// for the end of the message. A stream that ends before the first header is
// io.EOF. More than one line end before a message is let pass.
func (f *frameReader) chunkHeader(first bool) (int64, error) {
	c, err := f.r.ReadByte()
	if err != nil && first {
		return 0, err
	}
	for ; err == nil && c == '\n'; c, err = f.r.ReadByte() {
		next, peekErr := f.r.Peek(1)
		if peekErr == nil && next[0] == '#' {
			_, _ = f.r.ReadByte() // it was seen
			return f.chunkSize()
		}
		if !first {
			err = peekErr // nothing, or what is no chunk
			break
		}
	}
	switch {
	case errors.Is(err, io.EOF) && first:
		return 0, io.EOF
	case err != nil:
		return 0, unexpected(err)
	}
	return 0, fmt.Errorf("%w: got %q, expecting a line end and #", errFraming, c)
}

// chunkSize reads what follows "\n#" up to the line end.
func (f *frameReader) chunkSize() (int64, error) {
	var digits []byte
	for {
		c, err := f.r.ReadByte()
		if err != nil {
			return 0, unexpected(err)
		}
		if c == '\n' {
			break
		}
		if digits = append(digits, c); len(digits) > maxChunkHeader {
			return 0, fmt.Errorf("%w: a chunk's size begins with %q", errFraming, digits)
		}
	}
	if string(digits) == "#" {
		return -1, nil
	}
	n, err := strconv.ParseUint(string(digits), 10, 32)
	if err != nil || n == 0 || digits[0] == '0' || digits[0] == '+' {
		return 0, fmt.Errorf("%w: a chunk's size is %q", errFraming, digits)
	}
	return int64(n), nil
}

// unexpected is the end of a stream within a message.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// chunks is a message in the framing of NETCONF 1.1.
func chunks(message string) string {
	return "\n#" + strconv.Itoa(len(message)) + "\n" + message + "\n##\n"
}
