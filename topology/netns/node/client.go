package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"
)

// Call asks the node whose init is pid. It takes as long as the request does;
// when the context ends, the node is told to stop.
func Call(ctx context.Context, pid int, req Request) (Reply, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", fmt.Sprintf("/proc/%d/root%s", pid, socketPath))
	if err != nil {
		return Reply{}, fmt.Errorf("node's init %d: %w", pid, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	var reply Reply
	if err = json.NewEncoder(conn).Encode(req); err == nil {
		err = json.NewDecoder(conn).Decode(&reply)
	}
	switch {
	case ctx.Err() != nil:
		return Reply{}, context.Cause(ctx)
	case err != nil:
		return Reply{}, fmt.Errorf("node's init %d: %w", pid, err)
	case reply.Error != "":
		return Reply{}, errors.New(reply.Error)
	}
	return reply, nil
}
