package console

// englishWords are the texts whose key is not the text itself.
func englishWords() map[string]string {
	return map[string]string{
		"kind people":            "people removed",
		"kind departments":       "departments removed",
		"kind subtree":           "people removed in the branch",
		"kind created":           "people created",
		"kind changed":           "people with another name, mobile or key",
		"kind colliding":         "people whose key belongs to others too",
		"kind settings":          "the settings changed",
		"kind replace":           "everything there is replaced: what others put there goes too",
		"kind fewer-people":      "fewer people at the source",
		"kind fewer-departments": "fewer departments at the source",
		"kind counted":           "people the source counts and does not list",
		"kind nothing":           "nothing at the source",

		"verdict apply":   "Carry it out",
		"verdict approve": "Approve and carry out",
		"verdict hold":    "Carry out the rest",
		"verdict reject":  "Reject",
		"hint apply":      "The guard does not object. The source is read again, and the changes are sent.",
		"hint approve":    "Everything goes, with what the guard objects to. If it objects to more by then, nothing goes.",
		"hint hold":       "What the guard objects to waits for an approval. Everything else goes.",
		"hint reject":     "Nothing goes.",
		"did apply":       "Carried out",
		"did approve":     "Approved",
		"did hold":        "Held",
		"did reject":      "Rejected",

		"outcome done":    "done",
		"outcome failed":  "failed in part",
		"outcome stopped": "stopped by the guard",
		"outcome held":    "done, and the rest is held",

		"reason new":        "new",
		"reason changed":    "changed",
		"reason uncertain":  "sent again: the last outcome is not known",
		"reason returned":   "in service again",
		"reason rekeyed":    "the key changed",
		"reason superseded": "an earlier key",
		"reason handedOver": "the key is another person’s now",
		"reason released":   "the key is needed by another person",
		"reason left":       "left, confirmed",
		"reason absent":     "not at the source any more, confirmed",
		"reason outside":    "out of scope",
		"reason replaced":   "everything is replaced",

		"create":     "added",
		"update":     "changed",
		"move":       "moved",
		"reactivate": "back again",
		"disable":    "disabled",
		"delete":     "deleted",
		"failing":    "cannot be removed",
	}
}
