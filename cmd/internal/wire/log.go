package wire

import (
	"context"
	"log/slog"

	sdklog "go.temporal.io/sdk/log"
)

// sdkLogger is the logger of the Temporal SDK. The SDK calls every activity
// that fails an error, also one that is tried again and does what it should;
// to users these are warnings.
func sdkLogger() sdklog.Logger {
	return sdklog.NewStructuredLogger(slog.New(demoted{slog.Default().Handler()}))
}

// demoted takes every record down one level.
type demoted struct{ slog.Handler }

const step = slog.LevelError - slog.LevelWarn

func (d demoted) Enabled(ctx context.Context, level slog.Level) bool {
	return d.Handler.Enabled(ctx, level-step)
}

func (d demoted) Handle(ctx context.Context, r slog.Record) error {
	r.Level -= step
	return d.Handler.Handle(ctx, r)
}

func (d demoted) WithAttrs(attrs []slog.Attr) slog.Handler {
	return demoted{d.Handler.WithAttrs(attrs)}
}

func (d demoted) WithGroup(name string) slog.Handler { return demoted{d.Handler.WithGroup(name)} }
