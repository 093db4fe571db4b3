using Aegis.Core.Runs;

namespace Aegis.Gate.Tests.Http;

public sealed class EgressLineTests
{
    [Theory]
    [InlineData(443, "AEGIS2161", 1, "egress: CONNECT a.example:443 was refused (AEGIS2161); mend: "
        + "add \"a.example\" to policy.egress_allow")]
    [InlineData(8443, "AEGIS2161", 3, "egress: CONNECT a.example:8443 was refused 3 times (AEGIS2161); mend: "
        + "add \"a.example:8443\" to policy.egress_allow")]
    [InlineData(443, "AEGIS2162", 1, "egress: CONNECT a.example:443 was refused (AEGIS2162); mend: "
        + "the operator can name a.example:443 in AEGIS_EGRESS_PRIVATE_HOSTS")]
    [InlineData(443, "AEGIS3113", 1, "egress: CONNECT a.example:443 was refused (AEGIS3113); mend: "
        + "whoever keeps the profile can add \"a.example\" to its egress_allow")]
    [InlineData(443, "AEGIS3105", 1, "egress: CONNECT a.example:443 was refused (AEGIS3105); mend: "
        + "see docs/errors/AEGIS3105.md")]
    [InlineData(443, null, 1, null)]
    public void Line_OfARefusal_NamesPlaceCodeAndMend(int port, string? denied, int count, string? line) =>
        Assert.Equal(line, EgressLine.Of(
            new EgressFact("a.example", port, "CONNECT", null, denied, count, 0, 0)));
}
