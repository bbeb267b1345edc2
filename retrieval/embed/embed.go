// Package embed turns texts into vectors whose dot product says how much two texts are about the same thing. Keyword search
// finds what is said in the question's own words; this finds the passage that says "vessel" where the question says "ship".
//
// There are two embedders, of one shape:
//
//	Static   word vectors that are part of the program: microseconds a passage, no network, nothing to set up
//	Remote   any server with OpenAI's /embeddings: better vectors, for whoever has such a server
//
// Both give vectors of unit length, a zero vector for a text that says nothing, and a Name. Vectors of different names lie
// in different spaces and must never be compared; a store keeps the name beside them.
//
// # How Static works
//
// A text's vector is the sum of its words' vectors, each weighted by the word's idf and a power of its count. That is all
// that happens at run time. What makes it good is done to the table beforehand, by the command mktable, or chosen here by
// measuring nDCG@10 of the vectors alone, best passage of at most 90 words, on headlines that seek their article
// (fnc1-retrieval), claims that seek their abstract (SciFact), and titles that seek their article (of 4,172 news articles):
//
//	                                                          fnc1  SciFact  titles
//	GloVe as it comes, first principal component removed      .536   .272    .383
//	whitened from the corpus' passages, unknown words hashed  .543   .398    .396
//	  the same from 20 articles                               .435   .269    .329
//	whitened in the table, unknown words hashed: before a fit .566   .421    .453
//	  fitted to 20 articles                                   .568   .425    .454
//	  fitted to the whole corpus: what is built               .575   .442    .449
//	    without words outside the table                       .581   .320    .441
//	    with 40,000 words rather than 80,000                  .578   .407    .444
//	    with float32 rather than half a byte per number       .575   .443    .452
//	    with the first principal component removed as well    .574   .449    .448
//	    with figures as hashed words                          .578   .437    .449
//	    with 1,000 passages of general prose, not 50,000      .569   .430
//
// The figures come from an experiment with this method; how the hashed directions happen to fall moves SciFact by .01 and
// the others by .001. What this code itself reaches is kept in testdata/quality.golden.
//
// The table is whitened by what Zipf's law expects of passages, not by the corpus: that is better on large corpora, far
// better on small ones, and leaves no first component worth removing. A fit only counts words, and even that is a small
// gain; whoever does not want to make all vectors anew when a corpus has grown can do without. Words outside the table get
// a random direction by hash, which is what makes jargon and rare names count; the spellings of a name share one, since
// package text gives them one spelling. 80,000 words are 95.6 % of what news says, figures aside (40,000: 93.8, 160,000:
// 96.4), in 6 MB. Figures are left out, since verification reads them exactly.
package embed
