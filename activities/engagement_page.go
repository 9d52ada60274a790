package activities

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/ccl-lab/ccl/testplans/report"
)

// engagementPage writes an engagement's report as HTML beside its JSON, from
// which it is made, and links the reports of runs that lie there too.
func engagementPage(jsonFile string, data []byte) error {
	e, err := report.ReadEngagement(bytes.NewReader(data))
	if err != nil {
		return final(TypeConflict, err) // the same data would be read again
	}
	var page bytes.Buffer
	if err := report.EngagementHTML(&page, e, report.EngagementOptions{Reports: runReports(filepath.Dir(jsonFile), e)}); err != nil {
		return final(TypeConflict, err)
	}
	return writeFile(strings.TrimSuffix(jsonFile, filepath.Ext(jsonFile))+".html", page.String())
}

// runReports are the reports of an engagement's runs as seen from its folder, and
// of its nights. A run that was cut off may have left none.
func runReports(dir string, e *report.Engagement) map[string]string {
	found := map[string]string{}
	for _, r := range e.State.Runs {
		address := path.Join(path.Base(r.ID), "report.html")
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(address))); err == nil {
			found[r.ID] = address
		}
	}
	for _, n := range e.State.Nights {
		address, err := filepath.Rel(dir, n.Report)
		if _, there := os.Stat(n.Report); err == nil && there == nil {
			found[n.Run] = filepath.ToSlash(address)
		}
	}
	return found
}
