package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// socketPath is where a node listens for requests, in its own file system.
// Others reach it through /proc/PID/root, which the kernel grants to root and to
// the user whose lab it is.
const socketPath = "/run/ccl/control"

// listen serves requests until the context ends.
func (m *machine) listen(ctx context.Context) error {
	l, err := net.Listen("unix", socketPath)
	if err != nil {
		return err
	}
	if err := os.Chmod(socketPath, 0o600); err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil { // out of file descriptors: it passes
				m.log.Error("control", "error", err)
				time.Sleep(100 * time.Millisecond)
				continue
			}
			go m.serve(ctx, conn)
		}
	}()
	return nil
}

// serve answers the one request of a connection. A caller that hangs up takes
// its request back.
func (m *machine) serve(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var req Request
	if err := json.NewDecoder(conn).Decode(&req); err != nil {
		m.log.Error("control", "error", err)
		return
	}
	go func() {
		io.Copy(io.Discard, conn)
		cancel()
	}()
	reply, err := m.answer(ctx, req)
	if err != nil {
		reply = Reply{Error: err.Error()}
	}
	if err := json.NewEncoder(conn).Encode(reply); err != nil {
		m.log.Error("control", "op", req.Op, "error", err)
	}
}

func (m *machine) answer(ctx context.Context, req Request) (Reply, error) {
	on, platform := m.running()
	if !on && req.Op != OpStatus && (req.Op != OpStart || req.Process != "") && req.Op != OpKill {
		return Reply{}, fmt.Errorf("node %s is switched off", m.spec.Node)
	}
	switch req.Op {
	case OpStatus:
		return Reply{Running: on, Platform: platform}, nil
	case OpExec:
		r, err := runCommand(ctx, req.Argv, m.spec.Env)
		return Reply{Code: r.Code, Stdout: r.Stdout, Stderr: r.Stderr}, err
	case OpLink:
		return Reply{}, m.setPort(req.Device, req.Up)
	case OpLoss:
		return Reply{}, m.setLoss(ctx, req)
	case OpKill:
		if req.Process == "" {
			return Reply{}, m.switchOff()
		}
		return Reply{}, m.device.KillProcess(ctx, req.Process)
	case OpStart:
		if req.Process == "" {
			// Not the caller's context: what is started outlives the call.
			return Reply{}, m.switchOn(context.WithoutCancel(ctx))
		}
		return Reply{}, m.device.StartProcess(ctx, req.Process)
	}
	return Reply{}, fmt.Errorf("unknown operation %q", req.Op)
}
