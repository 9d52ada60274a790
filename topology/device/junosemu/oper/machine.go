package oper

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// memoryInformation answers get-system-memory-information with the memory of
// the machine that the emulator runs on, in kB.
func (r *Router) memoryInformation(context.Context, *xmltree.Element) (*xmltree.Element, error) {
	total, available := r.memory()
	return xmltree.New("system-memory-information").Add(
		xmltree.New("system-memory-summary-information").
			Leaf("system-memory-total", strconv.Itoa(total*1024)).
			Leaf("system-memory-free", strconv.Itoa(available*1024))), nil
}

func memoryText(_, reply *xmltree.Element) string {
	s := reply.Child("system-memory-summary-information")
	return fmt.Sprintf("System memory usage distribution:\n        Total memory: %10s Kbytes (100%%)\n         Free memory: %10s Kbytes\n",
		s.Value("system-memory-total"), s.Value("system-memory-free"))
}

// storage answers get-system-storage with the root file system.
func (r *Router) storage(context.Context, *xmltree.Element) (*xmltree.Element, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs("/", &fs); err != nil {
		return nil, fmt.Errorf("statfs /: %w", err)
	}
	kB := func(blocks uint64) uint64 { return blocks * uint64(fs.Bsize) / 1024 }
	used := fs.Blocks - fs.Bfree
	percent := uint64(0)
	if total := used + fs.Bavail; total > 0 {
		percent = (100*used + total - 1) / total
	}
	return information("system-storage-information", "junos").Add(
		xmltree.New("filesystem").
			Leaf("filesystem-name", "/").
			Add(xmltree.Leaf("total-blocks", decimal(kB(fs.Blocks))),
				xmltree.Leaf("used-blocks", decimal(kB(used))),
				xmltree.Leaf("available-blocks", decimal(kB(fs.Bavail)))).
			Leaf("used-percent", decimal(percent)).
			Leaf("mounted-on", "/")), nil
}

func storageText(_, reply *xmltree.Element) string {
	var b strings.Builder
	b.WriteString("Filesystem              1K-blocks      Used     Avail  Capacity  Mounted on\n")
	for _, f := range reply.All("filesystem") {
		fmt.Fprintf(&b, "%-22s %10s %9s %9s %7s%%   %s\n", f.Value("filesystem-name"), f.Value("total-blocks"),
			f.Value("used-blocks"), f.Value("available-blocks"), f.Value("used-percent"), f.Value("mounted-on"))
	}
	return b.String()
}
