package cli

import (
	"io"
	"sync"
)

// Control characters that a terminal sends.
const (
	ctrlA     = 0x01
	ctrlB     = 0x02
	ctrlC     = 0x03
	ctrlD     = 0x04
	ctrlE     = 0x05
	ctrlF     = 0x06
	backspace = 0x08
	tab       = 0x09
	newline   = 0x0a
	ctrlK     = 0x0b
	ctrlL     = 0x0c
	enter     = 0x0d
	ctrlN     = 0x0e
	ctrlP     = 0x10
	ctrlU     = 0x15
	ctrlW     = 0x17
	ctrlX     = 0x18
	escape    = 0x1b
	del       = 0x7f
)

// maxTyped is how much input may wait to be read.
const maxTyped = 64 << 20

// A keyboard reads what the client sends, always: so that Ctrl-C can interrupt
// a command while it runs. What is typed ahead waits.
type keyboard struct {
	mu        sync.Mutex
	changed   sync.Cond
	typed     []byte
	at        int    // of the next character in typed
	err       error  // why there is no more
	interrupt func() // what Ctrl-C does now; nil: it is a character
}

// newKeyboard starts reading; it stops when r does.
func newKeyboard(r io.Reader) *keyboard {
	k := &keyboard{}
	k.changed.L = &k.mu
	go k.read(r)
	return k
}

func (k *keyboard) read(r io.Reader) {
	buffer := make([]byte, 4096)
	for {
		n, err := r.Read(buffer)
		k.mu.Lock()
		if k.at == len(k.typed) || k.at > 1<<16 { // what was read is forgotten
			k.typed, k.at = append([]byte(nil), k.typed[k.at:]...), 0
		}
		for _, c := range buffer[:n] {
			if c == ctrlC && k.interrupt != nil {
				k.interrupt()
				k.typed, k.at = nil, 0
				continue
			}
			k.typed = append(k.typed, c)
		}
		if err == nil && len(k.typed)-k.at > maxTyped {
			err = io.ErrShortBuffer
		}
		k.err = err
		k.changed.Broadcast()
		k.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// next waits for one character.
func (k *keyboard) next() (byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for k.at == len(k.typed) {
		if k.err != nil {
			return 0, k.err
		}
		k.changed.Wait()
	}
	c := k.typed[k.at]
	k.at++
	return c, nil
}

// back puts a character back: the next one is it again.
func (k *keyboard) back(c byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.at > 0 && k.typed[k.at-1] == c {
		k.at--
		return
	}
	k.typed, k.at = append([]byte{c}, k.typed[k.at:]...), 0
}

// onInterrupt sets what Ctrl-C does.
func (k *keyboard) onInterrupt(f func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.interrupt = f
}
