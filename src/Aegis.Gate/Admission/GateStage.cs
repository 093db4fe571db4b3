using Aegis.Core.Errors;

namespace Aegis.Gate.Admission;

/// <summary>One stage of the decision. It holds no state of a call.</summary>
internal abstract class GateStage
{
    public abstract string Name { get; }

    /// <summary>False where who and which tool are enough to decide: lists ask those stages too.</summary>
    public virtual bool ReadsInput => true;

    /// <summary>Null where the stage has nothing against the call; it may have noted a question for a later
    /// one.</summary>
    public abstract AegisError? Judge(Tool? tool, CallOrder order, ref Judgement so);
}
