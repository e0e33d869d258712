"""From a suspicion to a finding with its insertion, or with the reason why there is none."""
