package cli

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
	"github.com/ccl-lab/ccl/topology/device/junosemu/server/mgd"
)

// live performs a ping or traceroute at a terminal, whose answers are to be
// seen as they come. It is not ok for other commands, and where something is
// piped through.
func (sh *shell) live(ctx context.Context, l line) (ok bool, err error) {
	if len(l.pipes) > 0 || !sh.editor.echo {
		return false, nil
	}
	rpc, err := mgd.Commands.Parse(l.words)
	switch {
	case err != nil:
		return false, nil
	case rpc.Name == "ping" && !rpc.Has("rapid"):
		return true, sh.ping(ctx, rpc)
	case rpc.Name == "traceroute":
		return true, sh.traceroute(ctx, rpc)
	}
	return false, nil
}

// traceroute prints one hop after another, until the host has answered or
// Ctrl-C.
func (sh *shell) traceroute(ctx context.Context, rpc *xmltree.Element) error {
	route, err := sh.session.LiveTraceroute(rpc)
	if err != nil {
		return err
	}
	sh.printf("%s", route.Heading())
	for !route.Done() {
		line, err := route.Next(ctx)
		if errors.Is(err, context.Canceled) || ctx.Err() != nil {
			sh.printf("^C\n")
			return nil
		}
		if err != nil {
			return err
		}
		sh.printf("%s", line)
	}
	return nil
}

// ping sends one request after another, until there were as many as asked for
// or Ctrl-C. Without a number it goes on, as in Junos.
func (sh *shell) ping(ctx context.Context, rpc *xmltree.Element) error {
	count, interval := -1, time.Second
	one := xmltree.New("ping")
	for _, argument := range rpc.Children {
		var err error
		switch argument.Name {
		case "count":
			count, err = strconv.Atoi(rpc.Value("count"))
		case "interval":
			interval, err = time.ParseDuration(rpc.Value("interval") + "s")
		default:
			one.Add(argument)
		}
		if err != nil || count == 0 || interval < 100*time.Millisecond {
			return &oper.Refusal{Message: "invalid value", BadElement: argument.Name}
		}
	}
	one.Leaf("count", "1")
	var live oper.LivePing
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for n := 0; n != count; n++ {
		if n > 0 {
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
		reply, err := sh.session.Oper(ctx, one)
		if errors.Is(err, context.Canceled) || ctx.Err() != nil {
			sh.printf("^C\n")
			break
		}
		if err != nil {
			return err
		}
		sh.printf("%s", live.Add(reply))
	}
	sh.printf("%s", live.Statistics())
	return nil
}
