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

// livePing recognizes a ping at a terminal whose answers are to be seen as they
// come: one that nothing is piped through.
func (sh *shell) livePing(l line) (*xmltree.Element, bool) {
	if len(l.pipes) > 0 || !sh.editor.echo {
		return nil, false
	}
	rpc, err := mgd.Commands.Parse(l.words)
	return rpc, err == nil && rpc.Name == "ping" && !rpc.Has("rapid")
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
