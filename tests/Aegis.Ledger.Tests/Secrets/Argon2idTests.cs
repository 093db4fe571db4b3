using Aegis.Ledger.Secrets;

namespace Aegis.Ledger.Tests.Secrets;

/// <summary>Known answers: RFC 9106 section 5.3, and two of the reference implementation's own
/// (version 0x13).</summary>
public sealed class Argon2idTests
{
    [Fact]
    public void Hash_TheVectorOfTheRfc_IsItsTag()
    {
        var tag = Argon2id.Hash(Filled(32, 1), Filled(16, 2), new Argon2Cost(3, 32, 4), 32, Filled(8, 3),
            Filled(12, 4));

        Assert.Equal("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659",
            Convert.ToHexStringLower(tag));
    }

    [Theory]
    [InlineData(2u, 65536u, 1u, "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7")]
    [InlineData(2u, 256u, 1u, "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe")]
    [InlineData(2u, 256u, 2u, "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037")]
    public void Hash_TheReferencesVectors_AreTheirTags(uint passes, uint memory, uint lanes, string tag) =>
        Assert.Equal(tag, Convert.ToHexStringLower(Argon2id.Hash("password"u8, "somesalt"u8,
            new Argon2Cost(passes, memory, lanes), 32)));

    [Fact]
    public void Hash_ASaltTooShort_IsRefusedWithTheCode() =>
        Assert.StartsWith("AEGIS4045", Assert.Throws<Core.Errors.AegisException>(() =>
            Argon2id.Hash("password"u8, "short"u8, new Argon2Cost(1, 64, 1), 32)).Message);

    private static byte[] Filled(int length, byte value)
    {
        var bytes = new byte[length];
        Array.Fill(bytes, value);
        return bytes;
    }
}
