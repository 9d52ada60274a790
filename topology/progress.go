package topology

import (
	"context"
	"fmt"
)

type progressKey struct{}

// WithProgress returns a context whose backend calls say what they are waiting
// for: report gets one short sentence each time there is news. It may be called
// from several goroutines at once and must not block.
func WithProgress(ctx context.Context, report func(text string)) context.Context {
	return context.WithValue(ctx, progressKey{}, report)
}

// Progress tells whoever asked with WithProgress how far a call has come.
func Progress(ctx context.Context, format string, args ...any) {
	if report, ok := ctx.Value(progressKey{}).(func(string)); ok {
		report(fmt.Sprintf(format, args...))
	}
}
