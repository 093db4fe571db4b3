using Aegis.Core.Plans;
using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Locks;

namespace Aegis.Core.Tests.Runs;

/// <summary>What may be the name of a resource: what PostgreSQL takes into its index.</summary>
public sealed class LockNameTests
{
    [Theory]
    [InlineData("", 0, false)]
    [InlineData("a", WorkflowLimits.LockNameBytesMax, true)]
    [InlineData("a", WorkflowLimits.LockNameBytesMax + 1, false)]
    [InlineData("é", WorkflowLimits.LockNameBytesMax / 2, true)]
    [InlineData("é", (WorkflowLimits.LockNameBytesMax / 2) + 1, false)]
    [InlineData("\u0001", 1, false)]
    public void Fault_Bounds(string letter, int count, bool taken) =>
        Assert.Equal(taken, LockName.Fault(string.Concat(Enumerable.Repeat(letter, count))) is null);

    [Fact]
    public void Fault_OfHalfACharacter_IsTold() => Assert.NotNull(LockName.Fault("a" + (char)0xD800));

    [Theory]
    [InlineData(WorkflowLimits.LockNameBytesMax, null)]
    [InlineData(WorkflowLimits.LockNameBytesMax + 1, "AEGIS4234")]
    public void Lock_WhoseNameComesToMoreThanThat_FailsItsStep(int length, string? code)
    {
        var run = RunGroupTests.Of($$$"""
            - { id: a, uses: idem, foreach: { items: [{{{new string('n', length)}}}], as: n }, lock: "${n}" }
            """);
        run.CarryAll();
        Assert.Equal(code, run.Facts.Select(f => f.Fact).OfType<TaskFailed>().FirstOrDefault()?.Error.Code);
        Assert.Equal(code is null, run.Types.Contains(nameof(LockGranted)));
    }
}
