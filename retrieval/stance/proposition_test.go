package stance

import "testing"

func TestProposition(t *testing.T) {
	for _, tt := range []struct{ question, want string }{
		{"Did the summit bring concrete results?", "The summit brought concrete results."},
		{"Did the Alaska summit have concrete results?", "The Alaska summit had concrete results."},
		{"Is Russia's concession on security guarantees real?", "Russia's concession on security guarantees is real."},
		{"Is Russia’s concession on security guarantees real?", "Russia’s concession on security guarantees is real."},
		{"Was an alarm sounded before the ferry Elsin Tern hit the pier?", "An alarm was sounded before the ferry Elsin Tern hit the pier."},
		{"Has Sundline Ferries suspended all its sailings?", "Sundline Ferries has suspended all its sailings."},
		{"Had the crew of the Elsin Tern been trained?", "The crew of the Elsin Tern had been trained."},
		{"Did the council consult the Lenmouth Tenants' Union before the ballot?", "The council consulted the Lenmouth Tenants' Union before the ballot."},
		{"Was the ballot on the water tariff a victory for the Lenmouth council?", "The ballot on the water tariff was a victory for the Lenmouth council."},
		{"Did solvent from the battery plant reach the River Keldra?", "Solvent from the battery plant reached the River Keldra."},
		{"Are all the production lines of the Brennick battery plant running again?", "All the production lines of the Brennick battery plant are running again."},
		{"Was the grant to Ostrel Cells worth it for Northmark?", "The grant to Ostrel Cells was worth it for Northmark."},
		{"Is the drinking water of Brennick affected by the leak?", "The drinking water of Brennick is affected by the leak."},
		{"Tell me whether the summit had concrete results", "The summit had concrete results."},
		{"Do you know if the mayor resigned?", "The mayor resigned."},
		{"Is it true that the mayor resigned?", "The mayor resigned."},
		{"Will the ceasefire hold?", "The ceasefire will hold."},
		{"Can the parties reach a deal?", "The parties can reach a deal."},
		{"Were the hostages released?", "The hostages were released."},
		{"Is there a ceasefire in Gaza?", "There is a ceasefire in Gaza."},
		{"Does the law ban masks?", "The law bans masks."},
		{"Do vaccines cause autism?", "Vaccines cause autism."},
		{"Did he stop the bus?", "He stopped the bus."},
		{"Didn't the minister resign?", "The minister did not resign."},
		{"Was the summit a success?", "The summit was a success."},
		{"The mayor resigned, didn't he?", "The mayor resigned."},
		{"Has the deal signed by the two sides collapsed?", "The deal signed by the two sides has collapsed."},
		{"So, is the dam safe?", "The dam is safe."},
		{"Did Trump and Putin agree on a ceasefire?", "Trump and Putin agreed on a ceasefire."},
		{"Did talks between the U.S. and Russia fail?", "Talks between the U.S. and Russia failed."},
		{"Have the Russians made concessions?", "The Russians have made concessions."},
		{"Could the company go bankrupt?", "The company could go bankrupt."},
		{"Is the minister in prison?", "The minister is in prison."},
		{"Did the company that runs the ferry lie about the alarm?", "The company that runs the ferry lied about the alarm."},
		{"Who opened an inquiry into the ferry accident?", ""},
		{"How many people were injured?", ""},
		{"What happened in Alaska?", ""},
		{"", ""},
		{"Is?", ""},
	} {
		got, ok := Proposition(tt.question)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("Proposition(%q) = %q, %v; want %q", tt.question, got, ok, tt.want)
		}
	}
}
