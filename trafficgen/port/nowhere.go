package port

import (
	"errors"
	"sync"
)

// Nowhere is the port of a receiver that is none of ours: nothing is heard
// of it.
func Nowhere() Port { return &nowhere{closed: make(chan struct{})} }

type nowhere struct {
	once   sync.Once
	closed chan struct{}
}

func (n *nowhere) Link() Link { return Link{Name: "elsewhere", Receives: "elsewhere"} }
func (n *nowhere) Send([][]byte) (int, error) {
	return 0, errors.New("nothing can be sent from elsewhere")
}
func (n *nowhere) Receive(func([]Arrival)) error { <-n.closed; return nil }
func (n *nowhere) Dropped() (uint64, error)      { return 0, nil }
func (n *nowhere) Close() error                  { n.once.Do(func() { close(n.closed) }); return nil }
