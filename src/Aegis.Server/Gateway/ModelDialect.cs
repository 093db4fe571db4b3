using Aegis.Models.Protocols;
using Aegis.Server.Problems;

namespace Aegis.Server.Gateway;

/// <summary>The protocol that a door's clients speak, in which they hear what is wrong too.</summary>
public sealed class ModelDialect(WireProtocol protocol) : IProblemForm
{
    private const int OverloadedStatus = 529;

    public WireProtocol Protocol => protocol;

    public (int Status, string ContentType, byte[] Body) Of(ProblemAnswer problem)
    {
        var kind = WireFailure.KindOf(problem.Status);
        var words = string.Join("; ", new[]
        {
            problem.Detail,
            problem.Expected is null ? null : $"expected {problem.Expected}",
            problem.Got is null ? null : $"got {problem.Got}",
            problem.Mend,
        }.Where(part => part is not null));
        var status = kind == WireFailureKind.Overloaded && protocol == WireProtocol.Anthropic
            ? OverloadedStatus : problem.Status;
        return (status, "application/json",
            FailureBodies.Write(new WireFailure(kind, words, status, problem.Code), protocol));
    }
}
