package server

import (
	"strings"
	"sync"
	"time"

	"go.temporal.io/server/common/log/tag"
)

// quietTime is for how long a message that was passed on is not repeated. The
// server retries what fails many times a second, and says so each time.
const quietTime = time.Minute

// diskFull is what users are told in place of the storm of messages in which
// every part of the server reports a full disk.
const diskFull = "the disk is full: runs stand still, and go on when there is space"

// A logFilter keeps from users what says nothing to them: what was said already,
// and that somebody who asked has gone away. The zero value is ready.
type logFilter struct {
	mu   sync.Mutex
	last map[string]time.Time // when each message was passed on
}

// pass returns what to say for a message, with false if that is nothing. The
// tags of one that stands for others are not its own.
func (f *logFilter) pass(msg string, tags []tag.Tag, now time.Time) (say string, own, ok bool) {
	why := reason(tags)
	say, own = msg, true
	switch {
	case strings.Contains(msg+why, "context canceled"):
		return "", false, false
	case strings.Contains(msg+why, "database or disk is full"):
		say, own = diskFull, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if last, said := f.last[say]; said && now.Sub(last) < quietTime {
		return "", false, false
	}
	if f.last == nil {
		f.last = map[string]time.Time{}
	}
	f.last[say] = now
	return say, own, true
}

// reason is the error among the tags, empty if there is none.
func reason(tags []tag.Tag) string {
	for _, t := range tags {
		if t != nil && t.Key() == "error" {
			switch v := t.Value().(type) {
			case error:
				return v.Error()
			case string:
				return v
			}
		}
	}
	return ""
}
