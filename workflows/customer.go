package workflows

// A View is a saved filter of the Web UI's list of workflows.
type View struct {
	Name  string
	Query string // of Temporal's list filter
}

// CustomerColumns are the columns of the list of workflows that a customer
// opens: the UI's own names, and search attributes.
func CustomerColumns() []string {
	return []string{
		"Status", "Workflow ID", "Type", CustomerAttribute.GetName(), EngagementAttribute.GetName(), PlanAttribute.GetName(),
		ReleaseAttribute.GetName(), PhaseAttribute.GetName(), DayAttribute.GetName(), DeadlineAttribute.GetName(),
		VerdictAttribute.GetName(), TotalAttribute.GetName(), PassedAttribute.GetName(), FailedAttribute.GetName(), "Start", "End",
	}
}

// CustomerViews are the views that a customer finds in that list. The first is
// the one that opens. A browser knows them by their numbers: new ones go last.
func CustomerViews() []View {
	return []View{
		{"Runs and nights", "`WorkflowType`!=\"TestCase\" AND `WorkflowType`!=\"Tell\""},
		{"Nights", "`WorkflowType`=\"Nightly\""},
		{"Going on", "`WorkflowType`!=\"TestCase\" AND `WorkflowType`!=\"Tell\" AND `ExecutionStatus`=\"Running\""},
		{"Cases that failed", "`WorkflowType`=\"TestCase\" AND `" + VerdictAttribute.GetName() + "`=\"fail\""},
		{"Engagements", "`WorkflowType`=\"Engagement\""},
	}
}
