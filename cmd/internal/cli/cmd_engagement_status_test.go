package cli

import (
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/workflows"
)

// In every phase the status names a command that brings the engagement forward.
func TestNextCommand(t *testing.T) {
	failed := []workflows.CaseStanding{{Verdict: check.Fail}}
	waived := []workflows.CaseStanding{{Verdict: check.Fail, Decision: &workflows.Decision{}}}
	proposal := new(workflows.Proposal)
	proposal.Hash = "0123456789abcdef"
	for want, state := range map[string]workflows.EngagementState{
		"ccl engagement submit acme":                                           {Phase: workflows.EngagementScoping},
		"ccl engagement sign acme --hash 0123456789ab --token-file FILE":       {Phase: workflows.EngagementScoping, Proposal: proposal},
		"ccl engagement watch acme":                                            {Phase: workflows.EngagementReplication},
		"ccl engagement waive acme CASE... --reason WHY --token-file FILE":     {Phase: workflows.EngagementTesting, Cases: failed},
		"ccl engagement run acme, or as a contact ccl engagement accept acme ": {Phase: workflows.EngagementTesting, Cases: waived},
		"ccl report --engagement acme":                                         {Phase: workflows.EngagementClosed, Cases: failed},
	} {
		s := &workflows.EngagementStatus{Definition: testplans.Engagement{ID: "acme"}, State: state}
		if got := nextCommand(s); !strings.HasPrefix(got, want) {
			t.Errorf("in %s: %s, want %s", state.Phase, got, want)
		}
	}
}
