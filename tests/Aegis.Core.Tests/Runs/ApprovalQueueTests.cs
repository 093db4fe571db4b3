using System.Collections.Immutable;
using Aegis.Core.Plans;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Tests.Runs;

/// <summary>In whose queue a request for approval waits, and that an answer for one queue answers no
/// other.</summary>
public sealed class ApprovalQueueTests
{
    private static readonly ImmutableArray<TopicQueue> Queues =
        [new("help", "support"), new("gate", "security"), new("default", "release")];

    [Theory]
    [InlineData("approve: { topic: help }", "support")]
    [InlineData("approve: { topic: other }", "release")]
    [InlineData("approve: true", "release")]
    public void Request_OfATopic_WaitsInItsQueue(string approve, string queue)
    {
        var run = Begun($"- {{ id: a, uses: idem, {approve} }}", Queues);
        Assert.Equal(queue, Asked(run).Queue);
        Assert.Equal(queue, run.State.Tasks[0].Approval?.Queue);
    }

    [Fact]
    public void Request_OfATopicThatTheProfileDoesNotName_IsForWhoeverStartedTheRun()
    {
        const string Step = "- { id: a, uses: idem, approve: { topic: other } }";
        Assert.Null(Asked(Begun(Step, [new("help", "support")])).Queue);
        Assert.Null(Asked(Begun(Step, null)).Queue);
    }

    [Fact]
    public void Question_OfTheGate_HasATopicOfItsOwn()
    {
        var run = Begun("- { id: a, uses: idem }", Queues);
        run.Carry(Assert.IsType<RunEffect.AcquireSlot>(run.Pending[0]));
        run.Carry(run.Pending[0], result: Simulation.Asking(run.Pending[0]));
        Assert.Equal("security", Asked(run).Queue);
    }

    [Theory]
    [InlineData("support", true)]
    [InlineData(null, true)]
    [InlineData("release", false)]
    public void Answer_ForAQueue_AnswersNoOther(string? queue, bool taken)
    {
        var run = Begun("- { id: a, uses: idem, approve: { topic: help } }", Queues);
        run.Send(at => new AnswerApproval(at, "a", true, "key:ana", null, queue));
        Assert.Equal(taken, run.Types.Contains(nameof(ApprovalGranted)));
    }

    [Fact]
    public void Answer_ForAQueue_AnswersNothingThatWaitsInNone()
    {
        var run = Begun("- { id: a, uses: idem, approve: true }", null);
        run.Send(at => new AnswerApproval(at, "a", true, "key:ana", null, "support"));
        Assert.DoesNotContain(nameof(ApprovalGranted), run.Types);
    }

    private static ApprovalRequested Asked(Simulation run) =>
        run.Facts.Select(f => f.Fact).OfType<ApprovalRequested>().Single();

    private static Simulation Begun(string steps, ImmutableArray<TopicQueue>? queues) =>
        RunGroupTests.Of(steps, also: s => s with { Queues = queues });
}
