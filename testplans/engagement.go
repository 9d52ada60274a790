package testplans

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// How the days of an engagement are counted.
const (
	CalendarDays = "calendar-days"
	WorkingDays  = "working-days"
)

// The number of technical contacts that a customer names.
const (
	MinContacts = 2
	MaxContacts = 6
)

// An Engagement is the contract of the service with one customer, as
// engagement.yaml states it:
//
//	engagement: acme-ring
//	title: Roll-out of OSPF and BGP on the ring
//	customer: ACME Networks
//	release: 23.4R2
//	contract: {number: AS-1001, activated: 2026-01-15, credits: 100, price: 40}
//	juniper-care: JC-77120
//	service-manager: {name: Sam Field, email: sam@lab.example}
//	contacts:
//	  - {name: Ann Chef, email: ann@acme.example}
//	  - {name: Bob Ring, email: bob@acme.example}
//	time-zone: Europe/Berlin
//	calendar: working-days
//	holidays: [2026-12-25]
//	topology: ring.clab.yml
//	plans: [rollout.yaml, regression.yaml]
//	nightly: {at: "02:00", plan: regression.yaml, tags: [smoke]}
//	notify: [lab-chat]
type Engagement struct {
	ID             string   `json:"engagement"`
	Title          string   `json:"title"`
	Customer       string   `json:"customer"`
	Release        string   `json:"release,omitempty"`
	Contract       Contract `json:"contract"`
	Care           string   `json:"juniper-care"` // number of the support contract
	ServiceManager Person   `json:"service-manager"`
	Contacts       []Person `json:"contacts"`
	TimeZone       string   `json:"time-zone"`          // IANA name
	Calendar       string   `json:"calendar"`           // CalendarDays or WorkingDays
	Holidays       []string `json:"holidays,omitempty"` // dates, 2026-12-25
	Topology       string   `json:"topology"`           // absolute path
	Plans          []string `json:"plans"`              // absolute paths
	// Nightly is the regression that runs every night of the test window; nil
	// if there is none.
	Nightly *EngagementNightly `json:"nightly,omitempty"`
	// Notify are names of webhooks by which the service manager hears of all
	// that happens. Their URLs are settings of the worker.
	Notify []string `json:"notify,omitempty"`
	File   string   `json:"file"` // absolute path
}

// A Contract is what the service is paid from.
type Contract struct {
	Number    string `json:"number"`
	Activated string `json:"activated"` // date, 2026-01-15; credits are valid 12 months from then
	Credits   int    `json:"credits"`   // bought
	Price     int    `json:"price"`     // credits that this engagement costs
}

// An EngagementNightly is the regression that an engagement runs every night
// while its test window is open.
type EngagementNightly struct {
	At      string   `json:"at"`                // time of the day in the engagement's time zone, 02:00
	Plan    string   `json:"plan,omitempty"`    // absolute path, one of the engagement's; its first if empty
	Cases   []string `json:"cases,omitempty"`   // IDs or globs; all when empty
	Tags    []string `json:"tags,omitempty"`    // cases with one of these
	Backend string   `json:"backend,omitempty"` // what its labs run on; that of the engagement's runs if empty
	Within  Duration `json:"within,omitempty"`  // how long a night may take; 0 is what nights have
}

// Clock is the time of the day at which a night begins.
func (n *EngagementNightly) Clock() (hour, minute int, err error) {
	at, err := time.Parse("15:04", n.At)
	return at.Hour(), at.Minute(), err
}

// A Person is somebody with a part in the engagement.
type Person struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

func (p Person) String() string { return p.Name + " <" + p.Email + ">" }

// Activation is the date of the contract's activation, as midnight in UTC. It
// is a date wherever one is: engagements in several time zones may have one
// contract.
func (e *Engagement) Activation() (time.Time, error) {
	return time.Parse(time.DateOnly, e.Contract.Activated)
}

// LoadEngagement reads an engagement file as strictly as Load reads plans: if
// anything is wrong with it the error is Mistakes. The plans that it names are
// not read.
func LoadEngagement(path string, lookup TopologyLoader) (*Engagement, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the engagement: %w", err)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	d := &decoder{file: path, document: "engagement", lookup: lookup}
	var read any
	if root := d.parse(data); root != nil {
		read = engagementShape.read(d, root)
	}
	if len(d.mistakes) > 0 {
		return nil, d.mistakes.sorted()
	}
	e := &Engagement{}
	if err := remarshal(read, e); err != nil {
		return nil, fmt.Errorf("%s: the engagement was read but not understood: %w", path, err)
	}
	e.File = abs
	return e, nil
}
