package speaker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ccl-lab/ccl/trafficgen/routes"
)

// Serve is the other end of a routes.Speaker: it opens the session that the first
// request names and speaks until in ends.
func Serve(in io.Reader, out io.Writer) error {
	dec, enc := json.NewDecoder(in), json.NewEncoder(out)
	var first routes.Request
	if err := dec.Decode(&first); err != nil || first.Spec == nil {
		return fmt.Errorf("BGP session: no request: %w", err)
	}
	s, err := establish(*first.Spec, first.Within)
	if err != nil {
		var none *routes.SessionError
		return enc.Encode(routes.Answer{Error: err.Error(), NoSession: errors.As(err, &none)})
	}
	defer s.close()
	if err := enc.Encode(routes.Answer{}); err != nil {
		return err
	}
	for {
		var r routes.Request
		if err := dec.Decode(&r); err != nil {
			return nil // nobody asks any more
		}
		if err := enc.Encode(s.serve(r)); err != nil {
			return err
		}
	}
}

func establish(spec routes.Spec, within time.Duration) (*speaker, error) {
	s, err := newSpeaker(context.Background(), spec)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	if err := s.established(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *speaker) serve(r routes.Request) (a routes.Answer) {
	var err error
	switch {
	case r.Announce != nil:
		a.Sending, err = s.announce(*r.Announce)
	case r.Withdraw != nil:
		a.Sending, err = s.withdraw(*r.Withdraw)
	default:
		err = errors.New("BGP speaker: an empty request")
	}
	if err != nil {
		a.Error = err.Error()
	}
	return a
}
