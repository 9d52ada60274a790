package netconf

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// terminator ends every message in the framing of NETCONF 1.0 (RFC 6242, 4.3).
const terminator = "]]>]]>"

// MaxMessage is how long a message may be, in bytes. The largest configurations
// that people load are some tens of megabytes.
const MaxMessage = 64 << 20

// errTooLong is a message of more than MaxMessage bytes.
var errTooLong = fmt.Errorf("message longer than %d bytes", MaxMessage)

// A frameReader takes a byte stream apart into messages.
type frameReader struct {
	r       *bufio.Reader
	max     int
	chunked bool // messages come in chunks: NETCONF 1.1, after hello
}

func newFrameReader(r io.Reader) *frameReader {
	return &frameReader{r: bufio.NewReaderSize(r, 64<<10), max: MaxMessage}
}

// next returns the next message without its terminator. A stream that ends
// between messages is io.EOF, one that ends within a message
// io.ErrUnexpectedEOF.
func (f *frameReader) next() ([]byte, error) {
	if f.chunked {
		return f.nextChunked()
	}
	var message []byte
	for {
		part, err := f.r.ReadSlice('>')
		message = append(message, part...)
		switch {
		case err == nil && bytes.HasSuffix(message, []byte(terminator)):
			return message[:len(message)-len(terminator)], nil
		case err == nil, errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(bytes.TrimSpace(message)) == 0:
			return nil, io.EOF
		case errors.Is(err, io.EOF):
			return nil, io.ErrUnexpectedEOF
		default:
			return nil, err
		}
		if len(message) > f.max {
			return nil, errTooLong
		}
	}
}
