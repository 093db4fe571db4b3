using System.Collections.Immutable;

namespace Aegis.Core.Intents;

/// <summary>How much the words of a sentence speak for each intent.</summary>
internal sealed class IntentScore
{
    /// <summary>Clauses and words that are looked at: what somebody wants stands near the
    /// beginning.</summary>
    private const int ClausesMax = 24;
    private const int WordsMax = 40;

    private const double Phrase = 1.3;
    private const double FirstVerb = 1.0;
    private const double LaterVerb = 0.45;
    private const double Wish = 0.8;
    private const double LightVerb = 0.5;
    private const double Noun = 0.2;
    private const int NounsMax = 2;
    private const double Slip = 0.85;
    private const double Asked = 1.2;
    private const double Doubt = 0.25;

    private readonly IntentBook book;
    private readonly Dictionary<Intent, double> scores = [];
    private readonly Dictionary<Intent, double> nouns = [];

    private IntentScore(IntentBook book) => this.book = book;

    public Intent Best { get; private set; }

    public double Confidence { get; private set; }

    public static IntentScore Of(IntentBook book, FoldedText text)
    {
        var score = new IntentScore(book);
        foreach (var clause in text.Clauses.Take(ClausesMax))
        {
            score.AddClause(clause.Length <= WordsMax ? clause : clause[..WordsMax]);
        }
        score.Decide();
        return score;
    }

    private void Decide()
    {
        foreach (var (intent, weight) in nouns)
        {
            // what it is about is no wish alone, but for what can be only asked after
            scores[intent] = scores.GetValueOrDefault(intent) + weight;
        }
        var ranked = scores.Where(s => s.Value > 0).OrderByDescending(s => s.Value).ThenBy(s => s.Key)
            .ToList();
        if (ranked.Count == 0)
        {
            return;
        }
        var second = ranked.Count > 1 ? ranked[1].Value : 0;
        (Best, Confidence) = (ranked[0].Key,
            Math.Round(ranked[0].Value / (ranked[0].Value + second + Doubt), 3));
        // a few nouns make nobody's wish
        if (ranked[0].Value < LaterVerb && Best.Acts())
        {
            (Best, Confidence) = (Intent.Question, 0.2);
        }
    }

    private void AddClause(ImmutableArray<string> clause)
    {
        var begin = BehindPolite(clause);
        var asks = begin < clause.Length && book.Asks.Any(a => a.LengthAt(clause, begin) > 0);
        var taken = new bool[clause.Length];
        var local = new Dictionary<Intent, double>();
        foreach (var (intent, words) in book.Intents)
        {
            var found = false;
            foreach (var said in words.Phrases)
            {
                if (said.Words.Find(clause) is { } place && !IsNegated(clause, place.At, intent)
                    && !(asks && intent.Acts() && intent != Intent.Scan))
                {
                    found = true;
                    taken.AsSpan(place.At, place.Length).Fill(true);
                }
            }
            if (found)
            {
                Raise(local, intent, Phrase);
            }
        }
        if (asks)
        {
            // whatever is done in a question is spoken about
            if (local.Count == 0)
            {
                Raise(local, Intent.Question, Asked);
            }
        }
        else
        {
            AddVerbs(clause, begin, taken, local);
        }
        AddNouns(clause, asks);
        foreach (var (intent, weight) in local)
        {
            Raise(scores, intent, weight);
        }
    }

    private void AddVerbs(ImmutableArray<string> clause, int begin, bool[] taken,
        Dictionary<Intent, double> local)
    {
        foreach (var (intent, words) in book.Intents)
        {
            if (words.Wants.Any(w => w.Words.Find(clause) is not null))
            {
                Raise(local, intent, Wish);
            }
            for (var at = 0; at < clause.Length; at++)
            {
                if (taken[at] || IsNegated(clause, at, intent))
                {
                    continue;
                }
                var place = at == begin ? FirstVerb : LaterVerb;
                Raise(local, intent, place * Weight(words.Verbs, clause[at]));
                Raise(local, intent, place * LightVerb * Weight(words.Light, clause[at]));
            }
        }
    }

    private void AddNouns(ImmutableArray<string> clause, bool asks)
    {
        foreach (var (intent, words) in book.Intents.Where(i => !asks || !i.Key.Acts()))
        {
            var count = clause.Count(w => words.Nouns.Any(n => n.Matches(w)));
            nouns[intent] = Math.Min(NounsMax * Noun, nouns.GetValueOrDefault(intent) + (count * Noun));
        }
    }

    private static double Weight(ImmutableArray<SpokenPhrase> verbs, string word)
    {
        var nearly = 0.0;
        foreach (var verb in verbs)
        {
            if (verb.Words.Words[0].Matches(word))
            {
                return 1;
            }
            nearly = nearly == 0 && verb.Words.Words[0].MeansNearly(word) ? Slip : nearly;
        }
        return nearly;
    }

    private int BehindPolite(ImmutableArray<string> clause)
    {
        for (var at = 0; ;)
        {
            var longest = at == clause.Length ? 0 : book.Polite.Max(p => p.LengthAt(clause, at));
            if (longest == 0)
            {
                return at;
            }
            at += longest;
        }
    }

    private bool IsNegated(ImmutableArray<string> clause, int at, Intent intent)
    {
        if (!intent.Acts())
        {
            return false;
        }
        for (var before = Math.Max(0, at - 2); before < at; before++)
        {
            if (book.Negations.Any(n => n.LengthAt(clause, before) is > 0 and var length
                && before + length <= at))
            {
                return true;
            }
        }
        return false;
    }

    private static void Raise(Dictionary<Intent, double> scores, Intent intent, double weight)
    {
        if (weight > scores.GetValueOrDefault(intent))
        {
            scores[intent] = weight;
        }
    }
}
