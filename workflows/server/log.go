package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"
)

// logger passes on of the server's warnings what users need, and turns its Fatal, which would end
// the process, into an error that Server.Failed delivers.
type logger struct {
	to    *slog.Logger
	state *logState
}

// logState is shared by a logger and everything derived from it.
type logState struct {
	quiet  atomic.Bool // the server is being stopped: what it says now is noise
	filter logFilter
	root   *slog.Logger // without anybody's tags
	once   sync.Once
	failed chan error // holds at most one error, never closed
}

func newLogger(to *slog.Logger) logger {
	return logger{to: to, state: &logState{root: to, failed: make(chan error, 1)}}
}

var (
	_ log.Logger     = logger{}
	_ log.WithLogger = logger{}
)

// Debug and Info of the server's internals are of no use to our users.
func (l logger) Debug(string, ...tag.Tag) {}

func (l logger) Info(string, ...tag.Tag) {}

func (l logger) Warn(msg string, tags ...tag.Tag) { l.log(slog.LevelWarn, msg, tags) }

func (l logger) Error(msg string, tags ...tag.Tag) { l.log(slog.LevelError, msg, tags) }

func (l logger) DPanic(msg string, tags ...tag.Tag) { l.log(slog.LevelError, msg, tags) }

func (l logger) Panic(msg string, tags ...tag.Tag) {
	l.log(slog.LevelError, msg, tags)
	panic(describe(msg, tags))
}

// Fatal records why the server cannot go on and ends the calling goroutine:
// its callers rely on not getting control back.
func (l logger) Fatal(msg string, tags ...tag.Tag) {
	l.log(slog.LevelError, msg, tags)
	l.state.once.Do(func() { l.state.failed <- errors.New(describe(msg, tags)) })
	runtime.Goexit()
}

// With returns a logger that adds tags to every message.
func (l logger) With(tags ...tag.Tag) log.Logger {
	return logger{to: l.to.With(attrs(tags)...), state: l.state}
}

func (l logger) log(level slog.Level, msg string, tags []tag.Tag) {
	if l.state.quiet.Load() || !l.to.Enabled(context.Background(), level) {
		return
	}
	if l.to.Enabled(context.Background(), slog.LevelDebug) { // somebody wants all of it
		l.to.Log(context.Background(), level, msg, attrs(tags)...)
		return
	}
	say, own, ok := l.state.filter.pass(msg, tags, time.Now())
	switch {
	case ok && own:
		l.to.Log(context.Background(), level, say, attrs(tags)...)
	case ok:
		l.state.root.Log(context.Background(), level, say)
	}
}

func attrs(tags []tag.Tag) []any {
	out := make([]any, 0, len(tags))
	for _, t := range tags {
		if t != nil && t.Key() != "" {
			out = append(out, slog.Any(t.Key(), t.Value()))
		}
	}
	return out
}

func describe(msg string, tags []tag.Tag) string {
	var b strings.Builder
	b.WriteString(msg)
	for _, t := range tags {
		if t != nil && t.Key() != "" {
			fmt.Fprintf(&b, " %s=%v", t.Key(), t.Value())
		}
	}
	return b.String()
}
