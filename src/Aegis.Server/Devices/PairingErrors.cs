using Aegis.Core.Errors;
using Aegis.Ledger.Devices;

namespace Aegis.Server.Devices;

/// <summary>What pairing refuses; contracts/errors/terminals.yaml explains each.</summary>
internal static class PairingErrors
{
    public static AegisError WrongCode(int left) => new("AEGIS6300", "the pairing code is wrong",
        "the six digits that aegis ws start shows", null, $"read them again; tries left: {left}");

    public static AegisError Locked { get; } = new("AEGIS6301",
        $"the pairing is locked: {DeviceTable.TriesMax} wrong codes", Mend: "offer another: aegis ws start");

    public static AegisError Expired { get; } = new("AEGIS6302", "there is no pairing to confirm here",
        $"pair.init, then the code within {DeviceTable.CodeLife.TotalSeconds} s",
        Mend: "send pair.init again");

    public static AegisError TooMany(int max, string what) => new("AEGIS6304",
        $"too many {what} are open, or the offer is over", $"at most {max}", null,
        "wait two minutes, or end an offer");

    public static AegisError WeakToken { get; } = new("AEGIS6305", "the pairing token is malformed",
        $"{DoorLimits.PairingTokenCharsMin} to {DoorLimits.PairingTokenCharsMax} visible ASCII characters",
        null, "leave it out to have one made");

    public static AegisError DeviceOffers { get; } =
        new("AEGIS6306", "a device pairs nobody", "an API key", "a device's key", "use the API key");
}
