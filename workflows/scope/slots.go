package scope

import (
	"fmt"
	"strings"
)

// A CaseKey names a case of an engagement: IDs are unique within a plan only.
type CaseKey struct {
	Plan string `json:"plan"`
	Case string `json:"case"`
}

func (k CaseKey) String() string { return k.Plan + "/" + k.Case }

// A Slot is what one case ID has cost. It is never deleted: an ID that has run
// is spent for good.
type Slot struct {
	CaseKey
	Ran     bool `json:"ran,omitempty"`     // at least once, and not as a skip
	Removed bool `json:"removed,omitempty"` // from the scope
}

// spent reports whether the slot counts against the cap.
func (s Slot) spent() bool { return s.Ran || !s.Removed }

// Slots is the account of case IDs, in the order in which they came.
type Slots []Slot

// Used is the number of slots that are spent.
func (s Slots) Used() int {
	n := 0
	for _, slot := range s {
		if slot.spent() {
			n++
		}
	}
	return n
}

// Free is the number of new case IDs that there is room for.
func (s Slots) Free() int { return MaxCases - s.Used() }

// NearlyUsed reports whether nine tenths of the cases are spent.
func (s Slots) NearlyUsed() bool { return 10*s.Used() >= 9*MaxCases }

func (s Slots) index(k CaseKey) int {
	for i := range s {
		if s[i].CaseKey == k {
			return i
		}
	}
	return -1
}

// MarkRan notes that cases have run. A case that is not in the account is not
// added: only a scope adds cases.
func (s Slots) MarkRan(keys ...CaseKey) {
	for _, k := range keys {
		if i := s.index(k); i >= 0 {
			s[i].Ran = true
		}
	}
}

// Rescope returns the account for a scope of exactly these cases, which are
// counted after expansion: a new ID spends a slot, one that is there spends
// none, one that is gone frees its slot unless it ran, and one that comes back
// after it ran has been paid. More than the cap is a *Refusal.
func (s Slots) Rescope(cases []CaseKey) (Slots, error) {
	next := make(Slots, len(s))
	copy(next, s)
	wanted := make(map[CaseKey]bool, len(cases))
	added := 0
	for _, k := range cases {
		if wanted[k] {
			return nil, Refuse("give each case an ID of its own", "case %s is listed twice", k)
		}
		wanted[k] = true
		if i := next.index(k); i < 0 {
			next = append(next, Slot{CaseKey: k})
			added++
		} else {
			next[i].Removed = false
		}
	}
	for i := range next {
		next[i].Removed = !wanted[next[i].CaseKey]
	}
	if over := next.Used() - MaxCases; over > 0 {
		return nil, s.tooMany(next, added, over)
	}
	return next, nil
}

func (s Slots) tooMany(next Slots, added, over int) *Refusal {
	var spent []string
	for _, slot := range next {
		if slot.Ran && slot.Removed {
			spent = append(spent, slot.String())
		}
	}
	reason := fmt.Sprintf("this makes %d cases after expansion, the cap is %d", next.Used(), MaxCases)
	if len(spent) > 0 {
		reason = fmt.Sprintf("%d cases after expansion and %d that were removed after they ran (%s) spend %d slots, the cap is %d",
			next.Used()-len(spent), len(spent), few(spent), next.Used(), MaxCases)
	}
	instead := fmt.Sprintf("leave out %d, at most %d new ones fit", over, added-over)
	if added < over {
		instead = fmt.Sprintf("leave out %d", over)
	}
	return &Refusal{Reason: reason, Instead: instead}
}

// few lists the first words of a long list.
func few(words []string) string {
	const most = 5
	if len(words) > most {
		return strings.Join(words[:most], ", ") + ", …"
	}
	return strings.Join(words, ", ")
}
