using System.Globalization;
using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Models.Calls;
using Aegis.Models.Protocols.Bodies;

namespace Aegis.Models.Tests.Calls;

public sealed class CandidateBookTests
{
    private readonly Profile profile = ProfileParser.Parse(
        "providers: { house: { base_url: \"http://127.0.0.1:9/v1\" } }", "profile.yaml").Value!;

    private readonly CandidateBook book = new(() => ModelCatalogue.None);

    [Fact]
    public void Names_AtTheirBoundAreKept_AndOnePastBeginsAnew()
    {
        var first = Of(0);
        for (var n = 1; n < CandidateBook.NamesMax; n++)
        {
            Of(n);
        }
        Assert.Same(first, Of(0));
        Of(CandidateBook.NamesMax);
        Assert.NotSame(first, Of(0));
        Assert.Equal(first.TaskType, Of(0).TaskType);
    }

    private CandidateSet Of(int number) => book.Of(profile,
        string.Create(CultureInfo.InvariantCulture, $"house/m{number}"), null, AnswerKind.Chat);
}
