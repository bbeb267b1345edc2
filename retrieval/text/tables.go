package text

import "strings"

// stopWords carry no subject of their own. Words that turn a statement round, such as "not", are among them: search does
// not need them, and stance reads Token.Word.
var stopWords = set(`a about after again all also although am an and any are aren't as at be because been before being
	both but by can can't could couldn't did didn't do does doesn't doing don't down during each either else ever
	every few for from further get gets got had hadn't has hasn't have haven't having he he'd he'll he's her here hers
	herself him himself his how however i i'd i'll i'm i've if in into is isn't it it's its itself just let like me
	more most much must my myself neither no nor not now of off on once one only or other our ours out over own per
	same she she'd she'll she's should shouldn't so some such than that that's the their theirs them themselves then
	there there's these they they'd they'll they're they've this those through to too under until up upon us very was
	wasn't we we'd we'll we're we've were weren't what what's when where whether which while who who's whom whose why
	will with within without won't would wouldn't yet you you'd you'll you're you've your yours yourself`)

// numerals are the small numbers that a newsroom writes out; they are searched for and compared as figures.
var numerals = map[string]string{
	"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11",
	"twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16", "seventeen": "17", "eighteen": "18",
	"nineteen": "19", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90",
}

// acronyms are matched before folding, because in lower case "US" and "us" are one word.
var acronyms = map[string]string{
	"US": "usa", "U.S.": "usa", "U.S": "usa", "USA": "usa", "U.S.A.": "usa", "UK": "uk", "U.K.": "uk", "U.K": "uk",
	"EU": "eu", "E.U.": "eu", "UN": "un", "U.N.": "un", "U.N": "un", "UAE": "uae", "U.A.E.": "uae",
}

// phraseAliases give a name of two words the same term as its acronym.
var phraseAliases = map[string]string{
	"united states": "usa", "united kingdom": "uk", "great britain": "uk", "united nations": "un", "european union": "eu", "arab emirates": "uae",
}

// spellings give every spelling of a name one canonical form. They cover names that news in English transliterates in
// several ways; a person's names are separate words here.
var spellings = variants(`
	kyiv kiev kyyiv
	zelensky zelenskyy zelenskiy zelenskij zelenskyi
	zaporizhzhia zaporizhia zaporizhzhya zaporozhye zaporizhya zaporozhia
	kharkiv kharkov
	odesa odessa
	lviv lvov
	luhansk lugansk
	mykolaiv nikolaev mikolaiv mykolayiv
	chernihiv chernigov
	chornobyl chernobyl
	dnipro dnepr dnieper
	donbas donbass
	sergei sergey
	alexei alexey aleksei aleksey
	lukashenko lukashenka
	gaddafi qaddafi gadhafi qadhafi kadhafi
	hezbollah hizbollah hizbullah hezballah
	houthi huthi
	qaeda qaida
	isis isil daesh
	quran koran qoran
	muhammad mohammed mohammad muhammed mohamed
	khamenei khamanei
	beijing peking
	mumbai bombay
	kolkata calcutta
	yangon rangoon
	myanmar burma
	turkey turkiye
	eswatini swaziland
	xinjiang sinkiang
	organization organisation
	defense defence
	labor labour
	center centre
	program programme
	color colour
	harbor harbour
	honor honour
	favor favour
	behavior behaviour
	neighbor neighbour
	rumor rumour
	armor armour
	vapor vapour
	theater theatre
	liter litre
	meter metre
	kilometer kilometre
	fiber fibre
	gray grey
	tire tyre
	plow plough
	aluminum aluminium
	jewelry jewellery
	skeptic sceptic
	license licence
	offense offence
	practice practise
	analyze analyse
	catalog catalogue
	dialog dialogue
	airplane aeroplane
	percent pct`)

// irregular verbs, whose forms no stemmer brings together: the base form, then the others. Forms that are better known as
// other words ("left", "saw", "found", "felt", "lay") are left out.
var irregular = variants(`
	arise arose arisen
	become became
	begin began begun
	break broke broken
	bring brought
	build built
	buy bought
	catch caught
	choose chose chosen
	come came
	deal dealt
	draw drew drawn
	drive drove driven
	eat ate eaten
	fall fell fallen
	fight fought
	flee fled
	fly flew flown
	forbid forbade forbidden
	forget forgot forgotten
	freeze froze frozen
	give gave given
	go went gone
	grow grew grown
	hear heard
	hide hid hidden
	hold held
	keep kept
	know knew known
	lead led
	lend lent
	lose lost
	mean meant
	meet met
	pay paid
	ride rode ridden
	rise rose risen
	run ran
	say said
	seek sought
	sell sold
	send sent
	shake shook shaken
	shoot shot
	shrink shrank shrunk
	sink sank sunk
	speak spoke spoken
	spend spent
	steal stole stolen
	stand stood
	strike struck stricken
	swear swore sworn
	take took taken
	teach taught
	tell told
	think thought
	throw threw thrown
	wear wore worn
	win won
	withdraw withdrew withdrawn
	write wrote written`)

func variants(table string) map[string]string {
	canonical := make(map[string]string)
	for line := range strings.Lines(strings.TrimSpace(table)) {
		words := strings.Fields(line)
		for _, w := range words[1:] {
			canonical[w] = words[0]
		}
	}
	return canonical
}

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}
