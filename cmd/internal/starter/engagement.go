package starter

import (
	"time"

	"github.com/ccl-lab/ccl/testplans"
)

// Engagement returns an engagement about plans, of which there is one at least,
// on the topology of the first. Its contract is activated on the given day.
func Engagement(path string, plans []*testplans.Plan, today time.Time) (File, error) {
	first := plans[0]
	id := nameOf(path, "engagement")
	if id == "engagement" {
		id = "acme-" + first.Name
	}
	data := struct {
		File, ID, Title, Activated, Topology string
		Plans                                []string
	}{path, id, first.Title, today.Format(time.DateOnly), from(path, first.Topology), nil}
	for _, p := range plans {
		data.Plans = append(data.Plans, from(path, p.File))
	}
	return fill("engagement.yaml", path, data)
}
