namespace Aegis.Server.Problems;

/// <summary>Metadata of doors that speak a protocol of others: what is wrong is told in that protocol's
/// form.</summary>
public interface IProblemForm
{
    (int Status, string ContentType, byte[] Body) Of(ProblemAnswer problem);
}
