package oper

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// proc reads a file of the machine's /proc; empty if it cannot be read.
func (r *Router) proc(name string) string {
	dir := r.Proc
	if dir == "" {
		dir = "/proc"
	}
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return string(text)
}

// memory is the machine's total and available memory in MB; zeros if unknown.
func (r *Router) memory() (total, available int) {
	for line := range strings.Lines(r.proc("meminfo")) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		kB, _ := strconv.Atoi(fields[1])
		switch fields[0] {
		case "MemTotal:":
			total = kB / 1024
		case "MemAvailable:":
			available = kB / 1024
		}
	}
	return total, available
}

// loadAverages are those of the machine; empty if unknown.
func (r *Router) loadAverages() (one, five, fifteen string) {
	if fields := strings.Fields(r.proc("loadavg")); len(fields) >= 3 {
		return fields[0], fields[1], fields[2]
	}
	return "", "", ""
}

// A processorShare is what the machine's processors did, in percent.
type processorShare struct{ user, nice, system, interrupt, idle int }

// processor is what the machine's processors have done since the machine
// started: the first line of /proc/stat, whose columns are user, nice, system,
// idle, iowait, irq, softirq and steal (proc(5)).
func (r *Router) processor() (share processorShare, ok bool) {
	first, _, _ := strings.Cut(r.proc("stat"), "\n")
	fields := strings.Fields(first)
	if len(fields) < 8 || fields[0] != "cpu" {
		return share, false
	}
	var ticks [8]int
	total := 0
	for i := range min(len(fields)-1, len(ticks)) {
		ticks[i], _ = strconv.Atoi(fields[i+1])
		total += ticks[i]
	}
	if total == 0 {
		return share, false
	}
	share = processorShare{
		user: 100 * ticks[0] / total, nice: 100 * ticks[1] / total,
		system: 100 * (ticks[2] + ticks[7]) / total, interrupt: 100 * (ticks[5] + ticks[6]) / total,
	}
	share.idle = 100 - share.user - share.nice - share.system - share.interrupt
	return share, true
}

// processors counts the machine's processors.
func (r *Router) processors() int {
	n := 0
	for line := range strings.Lines(r.proc("stat")) {
		if strings.HasPrefix(line, "cpu") && !strings.HasPrefix(line, "cpu ") {
			n++
		}
	}
	return n
}
