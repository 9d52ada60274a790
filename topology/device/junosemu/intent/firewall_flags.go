package intent

import (
	"fmt"
	"strconv"
	"strings"
)

// tcpFlagBits are the flags of a TCP header (RFC 9293, 3.1).
var tcpFlagBits = map[string]byte{"fin": 0x01, "syn": 0x02, "rst": 0x04, "push": 0x08, "ack": 0x10, "urgent": 0x20}

// maxFlagDepth is how deeply an expression of flags may be nested.
const maxFlagDepth = 16

// A flagParser reads Junos's expressions of TCP flags: "syn & !ack",
// "(ack | rst)", "0x12". & binds closer than |; + and , stand for them too.
type flagParser struct {
	rest  string
	mask  byte // flags that the expression mentions
	depth int
}

// A flagTest tells whether the flags of a packet fulfil an expression.
type flagTest func(flags byte) bool

// tcpFlags is an expression in nftables' words: the flags it mentions, and
// which of their combinations fulfil it. It is empty if none does.
func tcpFlags(expression string) (string, error) {
	p := &flagParser{rest: expression}
	test, err := p.alternatives()
	if err == nil && p.peek() != 0 {
		err = fmt.Errorf("unexpected %q", p.rest)
	}
	if err != nil {
		return "", fmt.Errorf("invalid tcp-flags expression '%s': %w", expression, err)
	}
	var fulfil []span
	for flags := range 256 {
		if byte(flags)&^p.mask == 0 && test(byte(flags)) {
			fulfil = append(fulfil, span{uint32(flags), uint32(flags)})
		}
	}
	if len(fulfil) == 0 {
		return "", nil
	}
	return fmt.Sprintf("meta l4proto 6 tcp flags & 0x%02x == %s", p.mask, spanSet(fulfil)), nil
}

func (p *flagParser) peek() byte {
	p.rest = strings.TrimLeft(p.rest, " ")
	if p.rest == "" {
		return 0
	}
	return p.rest[0]
}

// take drops the next character if it is one of those given.
func (p *flagParser) take(any string) bool {
	c := p.peek()
	if c == 0 || !strings.ContainsRune(any, rune(c)) {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *flagParser) alternatives() (flagTest, error) {
	test, err := p.conjunction()
	for err == nil && p.take("|,") {
		left, right := test, flagTest(nil)
		right, err = p.conjunction()
		test = func(flags byte) bool { return left(flags) || right(flags) }
	}
	return test, err
}

func (p *flagParser) conjunction() (flagTest, error) {
	test, err := p.term()
	for err == nil && p.take("&+") {
		left, right := test, flagTest(nil)
		right, err = p.term()
		test = func(flags byte) bool { return left(flags) && right(flags) }
	}
	return test, err
}

func (p *flagParser) term() (flagTest, error) {
	if p.depth++; p.depth > maxFlagDepth {
		return nil, fmt.Errorf("nested too deeply")
	}
	defer func() { p.depth-- }()
	switch {
	case p.take("!"):
		test, err := p.term()
		return func(flags byte) bool { return !test(flags) }, err
	case p.take("("):
		test, err := p.alternatives()
		if err == nil && !p.take(")") {
			err = fmt.Errorf("a parenthesis is not closed")
		}
		return test, err
	}
	return p.flag()
}

// flag reads a name or a number; of a number all bits must be set.
func (p *flagParser) flag() (flagTest, error) {
	end := strings.IndexAny(p.rest, " &|!()+,")
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	bits, ok := tcpFlagBits[word]
	if !ok {
		n, err := strconv.ParseUint(word, 0, 6)
		if err != nil || n == 0 {
			return nil, fmt.Errorf("no flag %q", word)
		}
		bits = byte(n)
	}
	p.mask |= bits
	return func(flags byte) bool { return flags&bits == bits }, nil
}
