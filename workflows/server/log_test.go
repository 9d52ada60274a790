package server

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.temporal.io/server/common/log/tag"
)

// TestLogFilter says of each message what a user gets to see of it.
func TestLogFilter(t *testing.T) {
	full := errors.New("UpdateShard operation failed. Error: database or disk is full (13)")
	gone := errors.New("GetTaskQueue operation failed. Error: context canceled")
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		after time.Duration
		msg   string
		err   error
		say   string
		own   bool
	}{
		{0, "Operation failed", errors.New("no such table"), "Operation failed", true},
		{time.Second, "Operation failed", errors.New("no such table"), "", false},
		{2 * time.Second, "service failures", gone, "", false},
		{3 * time.Second, "Persistent store operation failure", full, diskFull, false},
		{4 * time.Second, "service failures", full, "", false},
		{quietTime, "Operation failed", nil, "Operation failed", true},
		{quietTime + 3*time.Second, "service failures", full, diskFull, false},
	}
	var f logFilter
	for _, test := range tests {
		var tags []tag.Tag
		if test.err != nil {
			tags = append(tags, tag.Error(test.err))
		}
		say, own, ok := f.pass(test.msg, tags, start.Add(test.after))
		if say != test.say || own != test.own || ok != (test.say != "") {
			t.Errorf("after %s, %q: %v: got %q, %v, %v, want %q, %v", test.after, test.msg, test.err, say, own, ok, test.say, test.own)
		}
	}
}

// TestLoggerFullDisk is what a full disk looks like: many parts report it, a
// user hears of it once.
func TestLoggerFullDisk(t *testing.T) {
	var out bytes.Buffer
	l := newLogger(slog.New(slog.NewTextHandler(&out, nil)))
	for i := range 100 {
		part := l.With(tag.ShardID(int32(i)))
		part.Error(fmt.Sprintf("part %d failed", i), tag.Error(errors.New("database or disk is full (13)")))
		part.Warn("masked service failures", tag.Error(errors.New("context canceled")))
	}
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, diskFull) || strings.Contains(got, "shard") {
		t.Errorf("a user reads\n%s", got)
	}
}
