using Aegis.Core.Errors;

namespace Aegis.Ledger.Tests;

public sealed class PostgresUrlTests
{
    [Theory]
    [InlineData("postgres://ana:p%40ss@db.example:5433/ledger?sslmode=verify-full",
        "db.example|5433|ana|p@ss|ledger|VerifyFull")]
    [InlineData("postgresql://ana@db.example/ledger", "db.example|5432|ana||ledger|Prefer")]
    [InlineData("postgres:///ledger?host=/run/pg", "/run/pg|5432|||ledger|Prefer")]
    [InlineData("host=/run/pg dbname=ledger user=ana", "/run/pg|5432|ana||ledger|Prefer")]
    [InlineData("host=db password='p;w' dbname=ledger user=ana sslmode=require",
        "db|5432|ana|p;w|ledger|Require")]
    [InlineData("Host=db;Username=ana;Database=ledger", "db|5432|ana||ledger|Prefer")]
    public void Parse_KnownForms_AreRead(string text, string expected)
    {
        var b = PostgresUrl.Parse(text);
        Assert.Equal(expected, $"{b.Host}|{b.Port}|{b.Username}|{b.Password}|{b.Database}|{b.SslMode}");
    }

    [Theory]
    [InlineData("postgres://ana@db/ledger?sslmod=require")]
    [InlineData("postgres://ana@db/ledger?sslmode=sometimes")]
    [InlineData("host=db dbname")]
    [InlineData("host=db colour=blue")]
    [InlineData("mysql://db/ledger")]
    public void Parse_Unknown_IsRefused(string text) =>
        Assert.Equal("AEGIS4007", Assert.Throws<AegisException>(() => PostgresUrl.Parse(text)).Error.Code);
}
