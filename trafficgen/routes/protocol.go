package routes

import "time"

// What a Speaker and its process say to each other, in JSON.

// A Request is one of three things. The first request is Spec, and nothing
// comes before its answer.
type Request struct {
	Spec     *Spec         `json:"spec,omitempty"`
	Within   time.Duration `json:"within,omitempty"` // of Spec: how long the session may take
	Announce *Set          `json:"announce,omitempty"`
	Withdraw *Set          `json:"withdraw,omitempty"`
}

// An Answer is what came of a request.
type Answer struct {
	Sending
	Error string `json:"error,omitempty"`
	// NoSession says that the error is a SessionError.
	NoSession bool `json:"noSession,omitempty"`
}

// A SessionError says why a session is not established.
type SessionError struct{ Reason string }

func (e *SessionError) Error() string { return e.Reason }
