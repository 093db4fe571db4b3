namespace Aegis.Core.Budgets;

/// <summary>What a caller may spend: all limits that bound its calls.</summary>
public interface IPurse
{
    /// <summary>US dollars that the narrowest limit has left, as far as this node knows without asking:
    /// for choosing. Null where no limit is in dollars, so that a model of unknown price may be
    /// called.</summary>
    decimal? LeftUsd { get; }

    /// <summary>Reserves the worst case in all limits, or in none; it waits for the ledger only where a
    /// block has to be leased.</summary>
    /// <exception cref="Errors.AegisException">AEGIS2370: a limit has less left.</exception>
    ValueTask<IBudgetHold> ReserveAsync(CallCost worstCase, CancellationToken cancel);
}

/// <summary>What is reserved for one try of a call, until it is settled or released: once, either.</summary>
public interface IBudgetHold
{
    /// <summary>The try has ended and used so much.</summary>
    void Settle(CallCost actual);

    /// <summary>The try used nothing.</summary>
    void Release();
}
