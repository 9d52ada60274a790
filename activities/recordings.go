package activities

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/trafficgen/capture"
)

// Recordings are the captures that run in this process between the step that
// starts them and the one that stops them. When the process ends they end, and
// nothing is left of them: their files have no name until they are kept.
type Recordings struct {
	Longest int64 // file in bytes; maxCapture when zero
	registry[*recording]
}

// A recording runs, or has been stopped and is kept so that a repeated stop
// finds its frames.
type recording struct {
	run    *capture.Capture
	file   *os.File
	buffer *bufio.Writer

	watched bool          // by watch: only a loss makes its frames worth keeping
	look    func()        // looks for a loss once more
	done    chan struct{} // closed when it is stopped

	once sync.Once
	sum  capture.Summary
	err  error
}

// start begins a recording whose file lies in a directory.
func (r *Recordings) start(ctx context.Context, k streamKey, dir string, o capture.Options) (*recording, error) {
	if old := r.get(k); old != nil && !old.ended() {
		if repeated(ctx) {
			return old, nil
		}
		return nil, errRunning
	}
	file, err := namelessFile(dir)
	if err != nil {
		return nil, err
	}
	rec := &recording{file: file, buffer: bufio.NewWriterSize(&bounded{file, cmp.Or(r.Longest, maxCapture)}, 1<<20), done: make(chan struct{})}
	if rec.run, err = capture.Start(ctx, rec.buffer, o); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if old := r.put(k, rec); old != nil {
		_ = old.close() // stopped, and kept as evidence
	}
	return rec, nil
}

// maxCapture is how many bytes a file may have: a forgotten capture of a fast
// stream is not to fill the disk.
const maxCapture = 4 << 30

// bounded writes so many bytes and no more.
type bounded struct {
	w    io.Writer
	left int64
}

var errTooLong = errors.New("more was captured than its file may hold: a filter or a ring keeps it short")

func (b *bounded) Write(p []byte) (int, error) {
	if int64(len(p)) > b.left {
		return 0, errTooLong
	}
	n, err := b.w.Write(p)
	b.left -= int64(n)
	return n, err
}

// namelessFile is a new file that vanishes when it is closed.
func namelessFile(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, ".capture-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// StopLab stops every recording in a lab and forgets what it heard.
func (r *Recordings) StopLab(ref LabRef) {
	closeAll(r.takeLab(ref))
}

// Close does so for every recording.
func (r *Recordings) Close() { closeAll(r.takeAll()) }

func closeAll(all map[streamKey]*recording) {
	for _, rec := range all {
		_ = rec.close() // nobody wants to know any more
	}
}

// watch triggers the recording at the first loss of one of some streams, which
// may begin later.
func (rec *recording) watch(streams *Streams, keys []streamKey) {
	if rec.watched || len(keys) == 0 {
		return
	}
	rec.watched = true
	rec.look = func() {
		for _, k := range keys {
			st := streams.get(k)
			if st == nil {
				continue
			}
			if stats, err := st.snapshot(); err == nil && stats.Lost > 0 {
				rec.run.Trigger("the first loss of stream " + k.name)
			}
		}
	}
	go func() {
		const often = 50 * time.Millisecond
		tick := time.NewTicker(often)
		defer tick.Stop()
		for {
			select {
			case <-rec.done:
				return
			case <-tick.C:
				rec.look()
			}
		}
	}()
}

// ended says that the recording was stopped.
func (rec *recording) ended() bool {
	select {
	case <-rec.done:
		return true
	default:
		return false
	}
}

// stop ends the recording and says what it has heard.
func (rec *recording) stop() (capture.Summary, error) {
	rec.once.Do(func() {
		if rec.look != nil {
			rec.look()
		}
		close(rec.done)
		rec.sum, rec.err = rec.run.Stop()
		rec.err = errors.Join(rec.err, rec.buffer.Flush())
	})
	return rec.sum, rec.err
}

// keep makes the file of a stopped recording evidence of a step, unless it was
// about a loss that did not come.
func (rec *recording) keep(evidence string, at Place, name string) (*results.EvidenceFile, error) {
	if rec.watched && rec.sum.Triggered == "" {
		return nil, nil
	}
	id := "capture-" + name
	path := results.EvidencePath(at.Case, at.Attempt, at.Step, id, "pcapng")
	if _, err := rec.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if err := writeFrom(filepath.Join(evidence, filepath.FromSlash(path)), rec.file); err != nil {
		return nil, fmt.Errorf("keep the evidence: %w", err)
	}
	what := fmt.Sprintf("capture %s: %d frames", name, rec.sum.Frames)
	if rec.err != nil {
		what = fmt.Sprintf("capture %s, not whole: %v", name, rec.err)
	}
	if rec.sum.Triggered != "" {
		what += " around " + rec.sum.Triggered
	}
	return &results.EvidenceFile{ID: id, What: what, Path: path}, nil
}

// close stops the recording, if it runs, and gives up its frames.
func (rec *recording) close() error {
	_, err := rec.stop()
	return errors.Join(err, rec.file.Close())
}
