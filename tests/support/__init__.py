"""What several tests build with: data, results, repositories, a browser. No test is here."""
